-- The patient's record: every version of every FHIR resource, sealed; the current ones with
-- the hashed words and the clinical date they are found by; and what the policy must know of
-- each patient.

create schema chart;
grant usage on schema chart to
    countersign_room, countersign_receiver, countersign_signer, countersign_sender;

-- Columns are named as the policy's condition for lists expects them.
create table chart.patient (
    patient text primary key,
    departments text[] not null default '{}',
    named_departments text[] not null default '{}',  -- said by whoever sent the data
    care_team text[] not null default '{}',
    sensitivity text[] not null default '{}',
    suite smallint,
    key_id bigint,
    box bytea,  -- name, birth date, sex, identifiers, ward and bed, sealed
    active boolean not null default false,  -- a Patient resource exists
    last_activity timestamptz,
    check (num_nulls(suite, key_id, box) in (0, 3))
);
create index on chart.patient using gin (departments);
create index on chart.patient using gin (care_team);
create index on chart.patient (last_activity desc nulls last, patient);

create table chart.version (
    type text not null check (type ~ '^[A-Z][A-Za-z]{1,63}$'),
    id text not null check (id ~ '^[A-Za-z0-9.-]{1,64}$'),
    version integer not null check (version > 0),
    patient text references chart.patient (patient),
    at timestamptz not null,
    origin text not null check (origin in ('received', 'entered', 'released')),
    release_id text,
    author text not null,
    deleted boolean not null default false,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    primary key (type, id, version),
    check ((origin = 'released') = (release_id is not null))
);
-- Sealed bytes do not compress.
alter table chart.version alter column box set storage external;
create index on chart.version (release_id) where release_id is not null;

create table chart.current (
    type text not null,
    id text not null,
    version integer not null,
    patient text references chart.patient (patient),
    at timestamptz not null,
    deleted boolean not null default false,
    origin text not null,
    sha256 bytea not null,
    content bytea not null,  -- digest without number and time: whether anything changed
    tokens bigint[] not null default '{}',
    low timestamptz,
    high timestamptz,
    departments text[] not null default '{}',
    care_team text[] not null default '{}',
    sensitivity text[] not null default '{}',
    via text[] not null default '{}',  -- organisations, places and people that say more
    stay boolean not null default false,
    primary key (type, id),
    foreign key (type, id, version) references chart.version (type, id, version)
);
create index on chart.current using gin (tokens);
create index on chart.current (patient, type, low);
create index on chart.current (type, low, id);
create index on chart.current (type, at, id);
create index on chart.current (patient) where departments <> '{}' or care_team <> '{}'
    or sensitivity <> '{}' or via <> '{}' or stay;

select house.seal('chart.version');

-- The version before this one, seen past every policy.
create function chart.origin_before(_type text, _id text, _version integer) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select origin from chart.version
    where type = _type and id = _id and version = _version - 1
$$;
revoke execute on function chart.origin_before(text, text, integer) from public;
grant execute on function chart.origin_before(text, text, integer)
    to countersign_receiver, countersign_sender;

-- Who may write what. Data of other systems and of people come in as RECEIVER; what was
-- signed goes out as SENDER, and only with its release. What was released is never
-- overwritten from outside: a correction is a new signed draft. Anything not permitted here
-- is refused.
alter table chart.version enable row level security;
create policy read on chart.version for select
    to countersign_room, countersign_receiver, countersign_sender using (true);
create policy receive on chart.version for insert to countersign_receiver with check (
    origin in ('received', 'entered') and release_id is null
    and (version = 1 or chart.origin_before(type, id, version) in ('received', 'entered')));
create policy release on chart.version for insert to countersign_sender with check (
    origin = 'released' and release_id is not null
    and (version = 1 or chart.origin_before(type, id, version) is not null));

-- The current version only ever moves forward, and a resource keeps its patient.
create function chart.only_forward() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a resource stays in the chart' using errcode = 'CSC01';
    end if;
    if new.version <= old.version or new.type <> old.type or new.id <> old.id then
        raise exception 'a current version only moves forward' using errcode = 'CSC01';
    end if;
    if new.patient is distinct from old.patient then
        raise exception 'a resource stays with its patient' using errcode = 'CSC02';
    end if;
    return new;
end $$;
create trigger only_forward before update or delete on chart.current
    for each row execute function chart.only_forward();
alter table chart.current enable always trigger only_forward;

grant select on chart.patient, chart.version, chart.current
    to countersign_room, countersign_receiver, countersign_sender;
grant insert on chart.version to countersign_receiver, countersign_sender;
grant insert, update on chart.current, chart.patient to countersign_receiver, countersign_sender;
