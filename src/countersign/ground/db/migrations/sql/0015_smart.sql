-- Apps that ask for a person, and other systems that ask for themselves (SMART on FHIR).
--
-- Of every code and token only a SHA-256 is kept. What an app was granted stays; the handles
-- of one conversation are cleared away some days after they ended, since the ledger holds what
-- was done with them. Only the identity role reads or writes any of it.

create table identity.app (
    id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    name text not null check (btrim(name) <> ''),
    kind text not null check (kind in ('public', 'confidential', 'backend')),
    redirect_uris text[] not null,
    launch_uri text,
    scopes text[] not null check (cardinality(scopes) > 0),
    departments text[] not null,
    jwks text,
    jwks_url text,
    introspects boolean not null,
    added_at timestamptz not null,
    revoked_at timestamptz,
    check ((kind = 'public') = (jwks is null and jwks_url is null)),
    check (jwks is null or jwks_url is null),
    check ((kind = 'backend') = (cardinality(redirect_uris) = 0)),
    check (kind <> 'backend' or launch_uri is null),
    check (kind = 'backend' or cardinality(departments) = 0),
    check (not introspects or kind <> 'public')
);

-- "Open this patient in that app": what the app later sends back to name the patient.
create table identity.app_launch (
    handle_hash bytea primary key check (octet_length(handle_hash) = 32),
    app_id text not null references identity.app (id),
    person_id text not null references identity.person (id),
    patient text not null check (patient <> ''),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index on identity.app_launch (expires_at);

-- An app's request while its person chooses a patient and answers.
create table identity.app_request (
    handle_hash bytea primary key check (octet_length(handle_hash) = 32),
    app_id text not null references identity.app (id),
    person_id text not null references identity.person (id),
    session_id text not null references identity.session (id),
    redirect_uri text not null,
    scopes text[] not null,
    state text not null,
    nonce text,
    challenge text not null check (challenge ~ '^[A-Za-z0-9_-]{43}$'),
    wants_patient boolean not null,
    patient text check (patient <> ''),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index on identity.app_request (expires_at);

-- What was granted. A backend service's own grant names no person and no code.
create table identity.app_grant (
    id text primary key,
    app_id text not null references identity.app (id),
    person_id text references identity.person (id),
    purpose text not null,
    session_id text references identity.session (id),
    patient text check (patient <> ''),
    scopes text[] not null,
    nonce text,
    code_hash bytea unique check (octet_length(code_hash) = 32),
    code_expires_at timestamptz,
    code_used_at timestamptz,
    redirect_uri text,
    challenge text,
    made_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > made_at),
    revoked_at timestamptz,
    check ((person_id is null) = (code_hash is null)),
    check ((person_id is null) = (redirect_uri is null)),
    check ((person_id is null) = (challenge is null)),
    check ((person_id is null) = (code_expires_at is null))
);
create index on identity.app_grant (app_id);
create index on identity.app_grant (person_id) where revoked_at is null;

create table identity.app_token (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    grant_id text not null references identity.app_grant (id),
    kind text not null check (kind in ('access', 'refresh')),
    scopes text[] not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > issued_at),
    used_at timestamptz,
    check (kind = 'refresh' or expires_at <= issued_at + interval '1 hour')
);
create index on identity.app_token (grant_id);
create index on identity.app_token (expires_at);

-- Assertions that were used, so that none is taken twice.
create table identity.app_assertion (
    app_id text not null references identity.app (id),
    jti_hash bytea not null check (octet_length(jti_hash) = 32),
    expires_at timestamptz not null,
    primary key (app_id, jti_hash)
);
create index on identity.app_assertion (expires_at);

grant select, insert on identity.app, identity.app_launch, identity.app_request,
    identity.app_grant, identity.app_token, identity.app_assertion to countersign_identity;
grant update (revoked_at) on identity.app to countersign_identity;
grant update (used_at) on identity.app_launch, identity.app_token to countersign_identity;
grant update (used_at, patient) on identity.app_request to countersign_identity;
grant update (code_used_at, revoked_at) on identity.app_grant to countersign_identity;
grant delete on identity.app_launch, identity.app_request, identity.app_token,
    identity.app_assertion to countersign_identity;

-- Who records what this adds.
select ledger.permit('app-changed', 'countersign_identity');
select ledger.permit('app-allowed', 'countersign_identity');
select ledger.permit('app-access', 'countersign_identity', 'countersign_ledger');
