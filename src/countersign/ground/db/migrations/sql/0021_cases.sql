-- Collections of cases: courses of illness that name nobody, made of charts, released by a curator.
-- while serving: yes
create schema cases;
create table cases.collection (
    id text primary key check (id <> ''),
    departments text[] not null,  -- whose charts it is made of, and who may read it; none: all
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- its name, sealed
    actor text not null,
    made_at timestamptz not null default clock_timestamp()
);
select house.seal('cases.collection');

-- What became of it. The newest step is its state, and no step leads back from withdrawn.
create table cases.step (
    id bigint generated always as identity primary key,
    collection_id text not null references cases.collection (id),
    state text not null check (state in ('built', 'released', 'withdrawn')),
    small boolean not null default false,  -- released together with its small groups
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on cases.step (collection_id, id desc);
select house.seal('cases.step');

create function cases.check_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    now_at text := (select s.state from cases.step s where s.collection_id = new.collection_id
                    order by s.id desc limit 1);
begin
    perform pg_advisory_xact_lock(hashtext('cases.step/' || new.collection_id));
    if (coalesce(now_at, 'building'), new.state) not in (
            ('building', 'built'), ('built', 'released'), ('building', 'withdrawn'),
            ('built', 'withdrawn'), ('released', 'withdrawn')) then
        raise exception 'a collection that is % cannot become %', coalesce(now_at, 'building'),
            new.state using errcode = 'CSK01';
    end if;
    return new;
end $$;
create trigger checked before insert on cases.step
    for each row execute function cases.check_step();
alter table cases.step enable always trigger checked;

-- A case may be taken out, never changed: of a patient who refuses, of a collection withdrawn.
create table cases.entry (
    collection_id text not null references cases.collection (id),
    place integer not null check (place >= 0),
    patient_index bigint not null,  -- the patient's identifier, hashed under the vault's key
    small boolean not null,  -- of a group so small that somebody might be known by it
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the case, sealed
    primary key (collection_id, place)
);
create index on cases.entry (patient_index);

create function cases.keep_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    sealed text[] := array['suite', 'key_id', 'box'];
begin
    if tg_op = 'INSERT' then
        if exists (select from cases.step s where s.collection_id = new.collection_id) then
            raise exception 'a collection that is built takes no more cases' using errcode = 'CSK02';
        end if;
        return new;
    end if;
    if (to_jsonb(new) - sealed) = (to_jsonb(old) - sealed) and exists (
            select from vault.resealing r where r.transaction = pg_current_xact_id()
            and r.name = 'cases.entry') then
        return new;  -- the same case under a newer key
    end if;
    raise exception 'a case stays as it was made' using errcode = 'CSK03';
end $$;
create trigger kept before insert or update on cases.entry
    for each row execute function cases.keep_entry();
alter table cases.entry enable always trigger kept;

create view cases.collection_state with (security_invoker = true) as
select c.*, coalesce(s.state, 'building') as state, coalesce(s.small, false) as small, s.at,
       (select count(*) from cases.entry e where e.collection_id = c.id) as entries,
       (select count(*) from cases.entry e where e.collection_id = c.id and e.small) as few
from cases.collection c
left join lateral (select state, small, at from cases.step where collection_id = c.id
                   order by id desc limit 1) s on true;

alter table cases.collection enable row level security;
create policy seen on cases.collection for select to countersign_room using (
    (select house.scope_whole())
    or departments = '{}' and (select house.scope_given())
    or departments && (select house.scope_departments()));
create policy made on cases.collection for insert to countersign_room with check (
    (select house.scope_whole())
    or departments = '{}' and (select house.scope_given())
    or departments && (select house.scope_departments()));
alter table cases.entry enable row level security;
create policy seen on cases.entry to countersign_room using (
    exists (select from cases.collection c where c.id = collection_id));

grant usage on schema cases to countersign_room;
grant select, insert on cases.collection, cases.step to countersign_room;
grant select, insert, delete on cases.entry to countersign_room;
grant select on cases.collection_state to countersign_room;

select ledger.permit('cases-changed', 'countersign_room');
select ledger.permit('cases-searched', 'countersign_ledger');
insert into ledger.retained (kind, rule) values
    ('cases-changed', 'record'), ('cases-searched', 'process');
select vault.declare_sealed('cases.collection', $$'cases/' || id$$);
select vault.declare_sealed('cases.entry', $$'case/' || collection_id || '/' || place$$);
