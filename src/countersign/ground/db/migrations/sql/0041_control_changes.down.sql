-- keeps: nothing of the changes themselves; the ledger keeps who wrote each down, when and its cause.
delete from ledger.retained where kind = 'control-changed';
delete from ledger.recorder where kind = 'control-changed';
drop table slides.control_alarm;
drop table slides.control_change;
drop function slides.require_control_event();
drop function slides.withdraw_once();
