-- Records that are being written: every version, which became a draft, and how much was kept.
-- while serving: yes

-- One record of one patient that somebody began to write.
create table signoff.manuscript (
    id text primary key check (id <> ''),
    patient text not null check (patient <> ''),
    kind text not null check (kind ~ '^[a-z][a-z_]{0,30}$'),
    department text not null,
    language text not null check (language in ('zh', 'en')),
    person_id text not null check (person_id <> ''),
    at timestamptz not null default clock_timestamp()
);
create index on signoff.manuscript (patient, at desc);
select house.seal('signoff.manuscript');

-- Every saved version. Two people who save over the same version cannot both have its number.
create table signoff.manuscript_version (
    manuscript_id text not null references signoff.manuscript (id),
    number integer not null check (number > 0),
    person_id text not null check (person_id <> ''),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- key facts, conversation, sections and what was drafted, sealed
    at timestamptz not null default clock_timestamp(),
    primary key (manuscript_id, number)
);
select house.seal('signoff.manuscript_version');

-- Which version became which draft.
create table signoff.manuscript_draft (
    draft_id text primary key references signoff.draft (id),
    manuscript_id text not null,
    number integer not null,
    foreign key (manuscript_id, number)
        references signoff.manuscript_version (manuscript_id, number)
);
create index on signoff.manuscript_draft (manuscript_id);
select house.seal('signoff.manuscript_draft');

-- Of a signed record: how many of its characters were drafted and left as they were.
create table signoff.share_kept (
    draft_id text primary key references signoff.manuscript_draft (draft_id),
    section text[] not null,
    signed integer[] not null,
    kept integer[] not null,
    signed_all integer not null check (signed_all > 0),
    kept_all integer not null check (kept_all between 0 and signed_all),
    model_written boolean not null,
    seconds integer not null check (seconds >= 0),  -- from the first version to the signature
    person_id text not null,
    signed_at timestamptz not null,
    at timestamptz not null default clock_timestamp(),
    check (cardinality(section) = cardinality(signed) and cardinality(signed) = cardinality(kept))
);
select house.seal('signoff.share_kept');

grant select, insert on signoff.manuscript, signoff.manuscript_version, signoff.manuscript_draft,
    signoff.share_kept to countersign_room;

select ledger.permit('record-saved', 'countersign_room');
insert into ledger.retained (kind, rule) values ('record-saved', 'record');
select vault.declare_sealed(
    'signoff.manuscript_version', $$'manuscript/' || manuscript_id || '/' || number$$);
