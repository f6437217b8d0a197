-- The patient's record.
select 1;
