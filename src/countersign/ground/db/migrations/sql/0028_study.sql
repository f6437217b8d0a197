-- Studies of cost and performance: plans, what was answered and how fast, prices, imported results.
-- while serving: yes

-- A plan as it was started. It names servers, models and sets, never a question or a patient.
create table models.study (
    id text primary key check (id <> ''),
    title text not null check (title <> ''),
    plan jsonb not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('models.study');

-- What became of a study; the newest row is its state. An end is reached once.
create table models.study_state (
    id bigint generated always as identity primary key,
    study text not null references models.study (id),
    state text not null check (state in ('running', 'failed', 'finished', 'cancelled')),
    code text not null default '',
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on models.study_state (study, id desc);
create unique index on models.study_state (study) where state in ('finished', 'cancelled');
select house.seal('models.study_state');

-- A set as this study found it: file and prompt by hash, how many items were drawn.
create table models.study_set (
    study text not null references models.study (id),
    set_name text not null,
    content jsonb not null,
    primary key (study, set_name)
);
select house.seal('models.study_set');

-- One answer: which label, how good, how long; no text of question, answer or patient.
create table models.study_answer (
    study text not null references models.study (id),
    configuration text not null,
    set_name text not null,
    item text not null,
    score real not null check (score between 0 and 1),
    label text not null,
    gold text not null,
    unreadable boolean not null,
    failed text not null,
    tokens_in integer not null check (tokens_in >= 0),
    tokens_out integer not null check (tokens_out >= 0),
    seconds real not null check (seconds >= 0),
    primary key (study, configuration, set_name, item)
);
select house.seal('models.study_answer');

-- One step of rising load on one configuration.
create table models.study_load (
    study text not null references models.study (id),
    configuration text not null,
    rate double precision not null check (rate > 0),
    content jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (study, configuration, rate)
);
select house.seal('models.study_load');

-- Results of other tools, as they were read from a file; the file itself is not kept.
create table models.study_import (
    id text primary key check (id <> ''),
    study text references models.study (id),
    configuration text not null,
    tool text not null check (tool <> ''),
    tool_version text not null,
    file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
    content jsonb not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on models.study_import (study);
select house.seal('models.study_import');

-- Versions of the price list; the newest is in force.
create table models.price_list (
    id bigint generated always as identity primary key,
    content jsonb not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('models.price_list');

grant select, insert on models.study, models.study_state, models.study_set, models.study_answer,
    models.study_load, models.study_import, models.price_list to countersign_room;

select ledger.permit('study-changed', 'countersign_room');
select ledger.permit('prices-changed', 'countersign_room');
insert into ledger.retained (kind, rule) values
    ('study-changed', 'record'), ('prices-changed', 'record');
