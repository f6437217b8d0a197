-- Registry of models and the Stop AI switch.
create schema models;
grant usage on schema models to public;

-- Each registered version with the card that physicians rely on; the gate points here.
create table models.version (
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,63}$'),
    version text not null check (version ~ '^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$'),
    digest bytea not null check (length(digest) = 32),
    kind text not null,
    card jsonb not null,
    registered_at timestamptz not null default now(),
    primary key (name, version),
    unique (name, version, digest)
);
select house.seal('models.version');

create table models.switch (
    id bigint generated always as identity primary key,
    stopped boolean not null,
    actor text not null,
    reason text not null,
    at timestamptz not null
);
select house.seal('models.switch');

-- The newest press of the switch; the gate's trigger asks this, so that no process
-- anywhere can propose while AI is stopped.
create function models.ai_stopped() returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce((select stopped from models.switch order by id desc limit 1), false)
$$;
grant execute on function models.ai_stopped() to public;

grant select, insert on models.version, models.switch to countersign_steward;
grant select on models.version, models.switch to countersign_room, countersign_auditor;
