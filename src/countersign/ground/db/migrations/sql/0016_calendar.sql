-- The hospital's calendar is that of its own time zone. Only the owner of the database, who
-- migrates it at the start, may set the zone: by it a licence is valid today.
create table house.calendar (
    one boolean primary key default true check (one),
    zone text not null check (zone <> '')
);
insert into house.calendar (zone) values ('Asia/Shanghai');

create or replace function house.today() returns date
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
        select (clock_timestamp() at time zone calendar.zone)::date from house.calendar
    $$;
