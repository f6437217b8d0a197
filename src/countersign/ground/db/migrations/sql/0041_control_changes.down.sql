-- keeps: in the schema kept, from where the migration takes them again
delete from ledger.retained where kind = 'control-changed';
delete from ledger.recorder where kind = 'control-changed';
drop table slides.control_alarm;
create schema if not exists kept;
drop trigger named on slides.control_change;
drop trigger once on slides.control_change;
drop policy seen on slides.control_change;  -- what is kept nobody reads, and earlier steps go back
drop function slides.require_control_event();
drop function slides.withdraw_once();
alter table slides.control_change rename to slides_control_change;
alter table slides.slides_control_change set schema kept;
