-- Back to before distillation: small models are forgotten here and rooms go their path without
-- one; the ledger and the registry keep that they were.
drop view distilling.task_state;
drop table distilling.step, distilling.student, distilling.text, distilling.task;
drop function distilling.check_step();
drop schema distilling;
delete from vault.sealed_table where name like 'distilling.%';
delete from ledger.retained where kind in ('distillation-changed', 'distillation-shown');
delete from ledger.recorder where kind in ('distillation-changed', 'distillation-shown');
