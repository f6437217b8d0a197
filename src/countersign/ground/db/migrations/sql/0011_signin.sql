-- How people prove who they are: the hospital's own sign-in, second factors, and presence.
--
-- Secrets are sealed in the vault under the house's key; what must be found again is a keyed
-- hash. All of it is the identity role's alone. A proof of presence is append-only, its time is
-- the database's, and no signature on a draft of the highest risk is taken without a fresh one
-- of the signer: whoever holds the signer's password of the database cannot make one.

-- A subject of the OpenID provider that an administrator linked to a person.
create table identity.link (
    id text primary key,
    person_id text not null references identity.person (id),
    issuer text not null check (issuer <> ''),
    subject_hash bytea not null check (octet_length(subject_hash) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    linked_by text not null,
    linked_at timestamptz not null,
    ended_by text,
    ended_at timestamptz,
    check ((ended_at is null) = (ended_by is null))
);
create unique index on identity.link (issuer, subject_hash) where ended_at is null;
create index on identity.link (person_id) where ended_at is null;

-- Who came from the provider and is linked to nobody yet; an administrator decides.
create table identity.arrival (
    id text primary key,
    issuer text not null check (issuer <> ''),
    subject_hash bytea not null check (octet_length(subject_hash) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    unique (issuer, subject_hash)
);
create index on identity.arrival (last_at);

-- A journey to the provider and back: used once, by the browser that began it.
create table identity.journey (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    session_id text references identity.session (id),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    expires_at timestamptz not null
);
create index on identity.journey (expires_at);

-- What ends the provider's session together with ours.
create table identity.provided (
    session_id text primary key references identity.session (id),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null
);

-- Somebody who gave the password, or came from the provider, and owes the second factor.
create table identity.pending (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    person_id text not null references identity.person (id),
    purpose text not null check (purpose in (
        'treatment', 'personal', 'research', 'oversight', 'operations')),
    way text not null check (way in ('password', 'openid')),
    suite smallint,
    key_id bigint,
    box bytea,
    expires_at timestamptz not null,
    check ((box is null) = (way = 'password'))
);
create index on identity.pending (expires_at);

create table identity.factor (
    id text primary key,
    person_id text not null references identity.person (id),
    kind text not null check (kind in ('totp', 'passkey')),
    credential_hash bytea check (octet_length(credential_hash) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    -- The last time step of a code, or the last count of a passkey: none is taken twice.
    used bigint not null,
    added_at timestamptz not null,
    used_at timestamptz,
    removed_by text,
    removed_at timestamptz,
    check ((kind = 'passkey') = (credential_hash is not null)),
    check ((removed_at is null) = (removed_by is null))
);
create unique index on identity.factor (person_id) where kind = 'totp' and removed_at is null;
create unique index on identity.factor (credential_hash) where removed_at is null;
create index on identity.factor (person_id);

-- The secret of codes that are being set up, until the first code shows that it was read.
create table identity.enrolment (
    person_id text primary key references identity.person (id),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    expires_at timestamptz not null
);

create table identity.challenge (
    holder_hash bytea not null check (octet_length(holder_hash) = 32),
    use text not null check (use in ('register', 'prove')),
    challenge bytea not null check (octet_length(challenge) >= 32),
    expires_at timestamptz not null,
    primary key (holder_hash, use)
);
create index on identity.challenge (expires_at);

create table identity.recovery (
    person_id text not null references identity.person (id),
    code_hash bytea not null check (octet_length(code_hash) = 32),
    made_at timestamptz not null,
    used_at timestamptz,
    primary key (person_id, code_hash)
);

create table identity.presence (
    id text primary key,
    person_id text not null references identity.person (id),
    session_id text not null references identity.session (id),
    way text not null check (way in ('password', 'totp', 'passkey', 'recovery', 'openid')),
    at timestamptz not null,
    until timestamptz not null,
    check (until > at and until <= at + interval '60 minutes'),
    unique (id, person_id)
);
create index on identity.presence (session_id, until);
select house.seal('identity.presence');

create function identity.check_presence() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    validity interval := new.until - new.at;
begin
    new.at := clock_timestamp();
    new.until := new.at + validity;
    if not exists (select from identity.session s
                   where s.id = new.session_id and s.person_id = new.person_id
                     and s.ended_at is null) then
        raise exception 'no open session of this person' using errcode = 'CSI01';
    end if;
    return new;
end $$;
create trigger checked before insert on identity.presence
    for each row execute function identity.check_presence();
alter table identity.presence enable always trigger checked;

alter table signoff.signature add column presence_id text;
alter table signoff.signature
    add foreign key (presence_id, signer_id) references identity.presence (id, person_id);

-- Nobody signs a draft of the highest risk at a screen that its owner has left: the proof is the
-- signer's own, not past its time, and of a session that is still open.
create function signoff.check_presence() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.decision <> 'rejected'
       and exists (select from signoff.draft d where d.id = new.draft_id and d.risk = 'high')
       and not exists (
            select from identity.presence p join identity.session s on s.id = p.session_id
            where p.id = new.presence_id and p.person_id = new.signer_id
              and p.until > clock_timestamp() and s.ended_at is null) then
        raise exception 'nobody has proved to be there' using errcode = 'CSI02';
    end if;
    return new;
end $$;
create trigger present before insert on signoff.signature
    for each row execute function signoff.check_presence();
alter table signoff.signature enable always trigger present;

grant select, insert on identity.link, identity.arrival, identity.journey, identity.provided,
    identity.pending, identity.factor, identity.enrolment, identity.challenge, identity.recovery,
    identity.presence
    to countersign_identity;
grant update (ended_by, ended_at) on identity.link to countersign_identity;
grant update, delete on identity.arrival, identity.enrolment, identity.challenge
    to countersign_identity;
grant update (session_id) on identity.provided to countersign_identity;
grant delete on identity.journey, identity.pending, identity.provided, identity.recovery
    to countersign_identity;
grant update (used, used_at, removed_by, removed_at) on identity.factor to countersign_identity;
grant update (used_at) on identity.recovery to countersign_identity;

-- Who records what this adds.
select ledger.permit('factor-enrolled', 'countersign_identity');
select ledger.permit('factor-removed', 'countersign_identity');
select ledger.permit('stepped-up', 'countersign_identity');
select ledger.permit('step-up-refused', 'countersign_ledger');
select ledger.permit('identity-linked', 'countersign_identity');
select ledger.permit('identity-unlinked', 'countersign_identity');

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('identity.link', $$'link'$$);
select vault.declare_sealed('identity.arrival', $$'arrival'$$);
select vault.declare_sealed('identity.journey', $$'journey/' || encode(state_hash, 'hex')$$);
select vault.declare_sealed('identity.provided', $$'provided'$$);
select vault.declare_sealed('identity.pending', $$'provided'$$);
select vault.declare_sealed('identity.factor', $$'factor/' || id$$);
select vault.declare_sealed('identity.enrolment', $$'enrolment/' || person_id$$);
