-- What a department knows to have happened to its scanners and stains: a new lot, a new lamp, or an
-- alarm that was looked into. Limits of control charts begin anew with it, for everybody.
-- while serving: yes
create table slides.control_change (
    number bigint generated always as identity primary key,
    day date not null,
    scanner text not null check (length(scanner) <= 200),  -- empty: any
    stain text not null check (length(stain) <= 40),  -- empty: any
    cause text not null check (cause in (
        'reagent', 'antibody', 'protocol', 'light', 'scanner', 'mended', 'looked-into')),
    lot text not null check (lot ~ '^[A-Za-z0-9 ._/#+-]{0,40}$'),  -- of the reagent, of the service
    actor text not null check (actor like 'person:%'),
    at timestamptz not null default now(),
    withdrawn_by text check (withdrawn_by like 'person:%'),
    withdrawn_at timestamptz,
    check ((withdrawn_by is null) = (withdrawn_at is null))
);

do $$ begin
    if to_regclass('kept.slides_control_change') is not null then  -- from before a way back
        insert into slides.control_change overriding system value
        select * from kept.slides_control_change;
        perform setval(pg_get_serial_sequence('slides.control_change', 'number'),
                       coalesce(max(number), 1), count(*) > 0) from slides.control_change;
        drop table kept.slides_control_change;
    end if;
end $$;

create function slides.withdraw_once() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if old.withdrawn_by is not null then
        raise exception 'this change was withdrawn before' using errcode = 'CSP08';
    end if;
    new.withdrawn_at := now();
    return new;
end $$;
create trigger once before update on slides.control_change
    for each row execute function slides.withdraw_once();
alter table slides.control_change enable always trigger once;

-- Nobody moves a limit without the ledger naming who did.
create function slides.require_control_event() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
            select from ledger.event e
            where e.subject = 'control-change:' || new.number and e.kind = 'control-changed'
              and e.actor = coalesce(new.withdrawn_by, new.actor)
              and e.xmin = pg_current_xact_id()::xid) then
        raise exception 'the ledger does not name who changed a control chart'
            using errcode = 'CSP09';
    end if;
    return null;
end $$;
create constraint trigger named after insert or update on slides.control_change
    deferrable initially deferred
    for each row execute function slides.require_control_event();
alter table slides.control_change enable always trigger named;

-- What the charts alarmed of on their newest days, as it was last computed.
create table slides.control_alarm (
    scanner text not null,
    stain text not null,
    measure text not null,
    day date not null,
    rules text[] not null,
    value double precision not null,
    primary key (scanner, stain, measure)
);

alter table slides.control_change enable row level security;
create policy seen on slides.control_change to countersign_room using (
    (select house.scope_whole())) with check ((select house.scope_whole()));
alter table slides.control_alarm enable row level security;
create policy seen on slides.control_alarm to countersign_room using (
    (select house.scope_whole())) with check ((select house.scope_whole()));
grant select, insert (day, scanner, stain, cause, lot, actor), update (withdrawn_by)
    on slides.control_change to countersign_room;
grant select, insert, delete on slides.control_alarm to countersign_room;

select ledger.permit('control-changed', 'countersign_room');
insert into ledger.retained (kind, rule) values ('control-changed', 'record');
