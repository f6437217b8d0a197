-- People, sessions, care relations.
--
-- Nothing is deleted: what ends gets an end. Licences and their revocations are append-only,
-- since signatures point at them. Password hashes and the hashes of tokens are readable by
-- the identity role alone.

create schema identity;
grant usage on schema identity to
    countersign_identity, countersign_room, countersign_receiver, countersign_signer,
    countersign_sender, countersign_auditor, countersign_steward;

create table identity.person (
    id text primary key check (id <> ''),
    name text not null check (btrim(name) <> ''),
    added_at timestamptz not null,
    left_at timestamptz
);

create table identity.department (
    code text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
    name_en text not null check (btrim(name_en) <> ''),
    name_zh text not null check (btrim(name_zh) <> ''),
    added_at timestamptz not null
);

create table identity.role_grant (
    id text primary key,
    person_id text not null references identity.person (id),
    role text not null check (role in (
        'physician', 'senior_physician', 'nurse', 'laboratory_technician', 'pathologist',
        'pharmacist', 'patient', 'researcher', 'auditor', 'administrator', 'security_officer')),
    starts timestamptz not null,
    ends timestamptz check (ends >= starts)
);
create unique index on identity.role_grant (person_id, role) where ends is null;

create table identity.licence (
    id text primary key,
    person_id text not null references identity.person (id),
    kind text not null check (kind in (
        'physician', 'senior_physician', 'pathologist', 'pharmacist', 'nurse',
        'laboratory_technician')),
    valid_from date not null,
    valid_to date not null,
    check (valid_from <= valid_to),
    unique (id, person_id, kind, valid_from, valid_to)
);
create index on identity.licence (person_id);
select house.seal('identity.licence');

create table identity.licence_revocation (
    licence_id text primary key references identity.licence (id),
    at timestamptz not null,
    reason text not null check (btrim(reason) <> '')
);
select house.seal('identity.licence_revocation');

create table identity.membership (
    id text primary key,
    person_id text not null references identity.person (id),
    department text not null references identity.department (code),
    starts timestamptz not null,
    ends timestamptz check (ends >= starts)
);
create unique index on identity.membership (person_id, department) where ends is null;

create table identity.duty (
    id text primary key,
    person_id text not null references identity.person (id),
    department text not null references identity.department (code),
    starts timestamptz not null,
    ends timestamptz not null check (ends >= starts)
);
create index on identity.duty (person_id, ends);

-- A patient is known here by identifier only; the chart stands above identity.
create table identity.care (
    id text primary key,
    person_id text not null references identity.person (id),
    patient text not null check (patient <> ''),
    reason text not null check (btrim(reason) <> ''),
    starts timestamptz not null,
    ends timestamptz check (ends >= starts)
);
create index on identity.care (person_id);
create index on identity.care (patient);

create table identity.own_record (
    id text primary key,
    person_id text not null references identity.person (id),
    patient text not null check (patient <> ''),
    starts timestamptz not null,
    ends timestamptz check (ends >= starts)
);
create unique index on identity.own_record (person_id, patient) where ends is null;

create table identity.account (
    username text primary key check (username <> ''),
    person_id text not null unique references identity.person (id),
    password_hash text not null,
    changed_at timestamptz not null,
    closed_at timestamptz
);

-- Failures are counted for names that do not exist as well, so that a lock tells nothing.
create table identity.attempt (
    name_hash bytea primary key check (octet_length(name_hash) = 32),
    failures integer not null check (failures >= 0),
    refused integer not null check (refused >= 0),
    locked_until timestamptz not null,
    last_at timestamptz not null
);
create index on identity.attempt (last_at);

create table identity.session (
    id text primary key,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    person_id text not null references identity.person (id),
    purpose text not null check (purpose in (
        'treatment', 'personal', 'research', 'oversight', 'operations')),
    opened_at timestamptz not null,
    seen_at timestamptz not null,
    ended_at timestamptz
);
create index on identity.session (person_id) where ended_at is null;

create table identity.client (
    id text primary key,
    name text not null check (btrim(name) <> ''),
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    scopes text[] not null check (cardinality(scopes) > 0),
    departments text[] not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > issued_at),
    revoked_at timestamptz
);

create table identity.policy (
    number bigint generated always as identity primary key,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    text text not null
);
select house.seal('identity.policy');

-- Who they are and what they may sign: whoever shows a name or checks a signature.
grant select on identity.person, identity.department, identity.licence,
    identity.licence_revocation
    to countersign_identity, countersign_room, countersign_receiver, countersign_signer,
       countersign_sender, countersign_auditor, countersign_steward;
grant select on identity.role_grant, identity.membership, identity.duty, identity.care,
    identity.own_record, identity.policy
    to countersign_identity, countersign_auditor;
grant select on identity.account, identity.attempt, identity.session, identity.client
    to countersign_identity;

grant insert on identity.person, identity.department, identity.role_grant, identity.licence,
    identity.licence_revocation, identity.membership, identity.duty, identity.care,
    identity.own_record, identity.account, identity.attempt, identity.session, identity.client,
    identity.policy
    to countersign_identity;
grant update (name, left_at) on identity.person to countersign_identity;
grant update (name_en, name_zh) on identity.department to countersign_identity;
grant update (ends) on identity.role_grant, identity.membership, identity.duty, identity.care,
    identity.own_record to countersign_identity;
grant update (password_hash, changed_at, closed_at) on identity.account to countersign_identity;
grant update, delete on identity.attempt to countersign_identity;
grant update (purpose, seen_at, ended_at) on identity.session to countersign_identity;
grant update (revoked_at) on identity.client to countersign_identity;
