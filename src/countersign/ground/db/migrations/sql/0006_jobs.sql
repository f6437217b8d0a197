-- Background work.
select 1;
