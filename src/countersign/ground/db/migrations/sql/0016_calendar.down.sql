create or replace function house.today() returns date language sql volatile
    as $$ select (clock_timestamp() at time zone 'Asia/Shanghai')::date $$;
alter function house.today() security invoker reset all;
drop table house.calendar;
