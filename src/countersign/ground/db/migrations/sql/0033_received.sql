-- Pictures that other systems send, known by their series and handed on when whole; and what the
-- hospital trains by itself, with the frozen sets that versions are compared on.
-- while serving: yes
create schema imaging;
grant usage on schema imaging to countersign_interface;

create table imaging.series (
    series text primary key check (series ~ '^[0-9.]{1,64}$'),
    study text not null check (study ~ '^[0-9.]{1,64}$'),
    peer text not null check (length(peer) <= 100),  -- the system that sent the first instance
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null  -- what the first instance says of patient and specimen, sealed
);
select house.seal('imaging.series');

create table imaging.instance (
    instance text primary key check (instance ~ '^[0-9.]{1,64}$'),
    number bigint generated always as identity unique,
    series text not null references imaging.series (series),
    syntax text not null,
    size bigint not null check (size > 0),
    sha256 bytea not null check (octet_length(sha256) = 32),
    at timestamptz not null default clock_timestamp()
);
create index on imaging.instance (series, number);
select house.seal('imaging.instance');

-- Series of which more may come.
create table imaging.waiting (
    series text primary key references imaging.series (series),
    last_at timestamptz not null default clock_timestamp()
);
create index on imaging.waiting (last_at);

-- How many instances a series had each time it was handed on.
create table imaging.handed (
    series text not null references imaging.series (series),
    instances integer not null check (instances > 0),
    at timestamptz not null default clock_timestamp()
);
create index on imaging.handed (series);
select house.seal('imaging.handed');

grant select, insert on imaging.series, imaging.instance, imaging.handed to countersign_interface;
grant select, insert, update, delete on imaging.waiting to countersign_interface;
select ledger.permit('images-received', 'countersign_interface');
insert into ledger.retained (kind, rule) values ('images-received', 'record');
select vault.declare_sealed('imaging.series', $$'received-series/' || series$$);

create schema trained;
grant usage on schema trained to countersign_room;

-- What versions are compared on. Chosen once for each work and source, never again.
create table trained.frozen (
    id text primary key check (id <> ''),
    work text not null check (work ~ '^[a-z][a-z0-9-]{0,39}$'),
    source text not null check (source <> ''),
    sha256 bytea not null check (octet_length(sha256) = 32),
    fields integer not null check (fields > 0),
    actor text not null check (actor <> ''),
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the names of its fields and the hashes of their files, sealed
    unique (work, source)
);
select house.seal('trained.frozen');

create table trained.version (
    name text not null check (name <> ''),
    version text not null check (version <> ''),
    work text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    frozen_id text not null references trained.frozen (id),
    report jsonb not null,  -- figures on the frozen set, its own and those of the version before
    actor text not null check (actor <> ''),
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- what runs, sealed
    primary key (name, version)
);
create index on trained.version (work, at);
select house.seal('trained.version');

-- Which version answers: that of the newest step of a work, unless it was withdrawn.
create table trained.step (
    id bigint generated always as identity primary key,
    work text not null,
    name text not null,
    version text not null,
    state text not null check (state in ('in-service', 'withdrawn')),
    actor text not null check (actor ~ '^person:'),  -- no program switches by itself
    at timestamptz not null default clock_timestamp(),
    foreign key (name, version) references trained.version (name, version)
);
create index on trained.step (work, id desc);
select house.seal('trained.step');

grant select, insert on trained.frozen, trained.version, trained.step to countersign_room;
select ledger.permit('trained-changed', 'countersign_room');
insert into ledger.retained (kind, rule) values ('trained-changed', 'record');
select vault.declare_sealed('trained.frozen', $$'frozen-set/' || id$$);
select vault.declare_sealed('trained.version', $$'trained/' || name || '/' || version$$);
