-- Back to before pre-consultation: protocols, links and what was told go; what was signed is in the
-- chart, and the ledger keeps that the rest was.
drop view interviews.protocol_state;
drop table interviews.acknowledgement, interviews.alert, interviews.attachment, interviews.entry,
    interviews.step, interviews.interview, interviews.protocol_step, interviews.protocol;
drop function interviews.check_protocol_step();
drop function interviews.check_interview();
drop function interviews.check_entry();
drop schema interviews;
delete from vault.sealed_table where name in (
    'interviews.entry', 'interviews.attachment', 'interviews.alert');
delete from ledger.retained where kind in (
    'protocol-changed', 'interview-invited', 'interview-opened', 'interview-sent',
    'interview-revoked', 'interview-read', 'danger-told', 'danger-acknowledged');
delete from ledger.recorder where kind in (
    'protocol-changed', 'interview-invited', 'interview-opened', 'interview-sent',
    'interview-revoked', 'interview-read', 'danger-told', 'danger-acknowledged');
