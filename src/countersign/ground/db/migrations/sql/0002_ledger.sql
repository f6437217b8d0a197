-- The ledger.
select 1;
