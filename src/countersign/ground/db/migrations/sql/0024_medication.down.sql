-- Back to before medication safety: checks, answers and the pharmacy's rules go; the ledger keeps
-- that they were.
drop table signoff.alert_answer, signoff.alert, signoff.order_answer, signoff.order_check,
    signoff.medication_rule, signoff.medication_verdict;
drop function signoff.check_order_check();
delete from vault.sealed_table where name in ('signoff.order_check', 'signoff.order_answer');
delete from ledger.retained where kind in (
    'order-checked', 'alerts-answered', 'medication-rule-changed', 'medication-rule-judged');
delete from ledger.recorder where kind in (
    'order-checked', 'alerts-answered', 'medication-rule-changed', 'medication-rule-judged');
