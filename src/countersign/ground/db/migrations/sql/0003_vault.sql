-- Wrapped keys.
select 1;
