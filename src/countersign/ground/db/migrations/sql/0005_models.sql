-- Registry of models and the Stop AI switch.
select 1;
