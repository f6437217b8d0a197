-- Workstations of other makers that call hooks (CDS Hooks), and the cards that they were shown.
-- while serving: yes

-- ── Who may call ───────────────────────────────────────────────────────────────────────────
create table identity.cds_client (
    id text primary key check (id <> ''),
    name text not null check (btrim(name) <> ''),
    issuer text not null check (issuer <> ''),  -- as its tokens name it
    jwks text,
    jwks_url text,
    departments text[] not null check (cardinality(departments) > 0),
    fhir_server text,  -- the only address from which what it did not send is fetched
    identifies boolean not null default false,  -- it says reliably which physician is there
    answered boolean not null default true,  -- the administrator's switch
    added_at timestamptz not null,
    revoked_at timestamptz,
    check ((jwks is null) <> (jwks_url is null))
);
create unique index on identity.cds_client (issuer) where revoked_at is null;

-- Whom a client means by a reference such as Practitioner/7 of its own.
create table identity.cds_user (
    client_id text not null references identity.cds_client (id),
    reference text not null check (reference <> ''),
    person_id text not null references identity.person (id),
    added_at timestamptz not null,
    ended_at timestamptz
);
create unique index on identity.cds_user (client_id, reference) where ended_at is null;

-- Tokens that were used, so that none is taken twice.
create table identity.cds_token (
    client_id text not null references identity.cds_client (id),
    jti_hash bytea not null check (octet_length(jti_hash) = 32),
    expires_at timestamptz not null,
    primary key (client_id, jti_hash)
);
create index on identity.cds_token (expires_at);

grant select, insert on identity.cds_client, identity.cds_user, identity.cds_token
    to countersign_identity;
grant update (identifies, answered, revoked_at) on identity.cds_client to countersign_identity;
grant update (ended_at) on identity.cds_user to countersign_identity;
grant delete on identity.cds_token to countersign_identity;

-- ── What was shown, and what became of it ──────────────────────────────────────────────────
-- A card is a draft on another system's screen; it holds no clinical content of its own.
create table signoff.card (
    id text primary key check (id <> ''),
    draft_id text not null references signoff.draft (id),
    client_id text not null check (client_id <> ''),
    service text not null,
    person_id text,  -- of ours, where the client identifies who is there
    signable boolean not null,  -- whether accepting it was offered as a signature
    shown_at timestamptz not null default clock_timestamp(),
    check (not signable or person_id is not null)
);
create index on signoff.card (draft_id);
create index on signoff.card (client_id, shown_at);
select house.seal('signoff.card');

create table signoff.card_outcome (
    card_id text primary key references signoff.card (id),
    outcome text not null check (outcome in ('accepted', 'overridden')),
    reason_code text,
    foreign_reason boolean not null default false,  -- a code that was not offered
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the comment, sealed
    at timestamptz not null default clock_timestamp()
);
select house.seal('signoff.card_outcome');

-- How quickly calls were answered; one line for each day and span of time, of nobody by name.
create table signoff.card_call (
    day date not null,
    client_id text not null,
    service text not null,
    milliseconds integer not null,  -- answered within so many; 0 for calls that were refused
    calls bigint not null,
    incomplete bigint not null,  -- of them, with a source missing
    primary key (day, client_id, service, milliseconds)
);

alter table signoff.card enable row level security;
create policy seen on signoff.card for all to countersign_room using (
    (select house.scope_whole())) with check ((select house.scope_whole()));
alter table signoff.card_outcome enable row level security;
create policy seen on signoff.card_outcome for all to countersign_room using (
    (select house.scope_whole())) with check ((select house.scope_whole()));

grant select, insert on signoff.card, signoff.card_outcome to countersign_room;
grant select, insert, update on signoff.card_call to countersign_room;

select ledger.permit('cds-client-changed', 'countersign_identity');
select ledger.permit('cds-client-refused', 'countersign_ledger');
select ledger.permit('hook-answered', 'countersign_ledger');
select ledger.permit('card-outcome', 'countersign_room');
insert into ledger.retained (kind, rule) values
    ('cds-client-changed', 'record'), ('card-outcome', 'record'),
    ('hook-answered', 'process'), ('cds-client-refused', 'process');
select vault.declare_sealed('signoff.card_outcome', $$'card/' || card_id$$);
