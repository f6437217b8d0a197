-- Back to before collections: the cases go, which the charts can be made into again; the ledger
-- keeps that they were.
drop view cases.collection_state;
drop table cases.entry, cases.step, cases.collection;
drop function cases.check_step(), cases.keep_entry();
drop schema cases;
delete from vault.sealed_table where name in ('cases.collection', 'cases.entry');
delete from ledger.retained where kind in ('cases-changed', 'cases-searched');
delete from ledger.recorder where kind in ('cases-changed', 'cases-searched');
