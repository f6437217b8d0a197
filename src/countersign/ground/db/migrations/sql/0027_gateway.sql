-- The hospital's own language models: servers, what they were found to do, who answers which
-- kind of work, the queue before them, and every call.
-- while serving: yes

-- ── What administrators say; the newest row of each name is in force ───────────────────────
create table models.server (
    number bigint generated always as identity primary key,
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,63}$'),
    address text not null check (address ~ '^https?://'),
    places integer not null check (places between 1 and 4096),  -- requests at once
    price_in numeric(12, 4) not null check (price_in >= 0),  -- yuan for a million tokens
    price_out numeric(12, 4) not null check (price_out >= 0),
    notes text not null check (length(notes) <= 1000),
    state text not null check (state in ('serving', 'draining', 'removed')),
    actor text not null,
    at timestamptz not null
);
create index on models.server (name, number desc);
select house.seal('models.server');

create table models.server_token (
    number bigint generated always as identity primary key,
    server text not null check (server <> ''),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the token, sealed; an empty one takes it back
    at timestamptz not null
);
create index on models.server_token (server, number desc);
select house.seal('models.server_token');

create table models.probe (
    number bigint generated always as identity primary key,
    server text not null check (server <> ''),
    probed jsonb not null,
    actor text not null,
    at timestamptz not null
);
create index on models.probe (server, number desc);
select house.seal('models.probe');

-- Which registered version answers under which name of a server.
create table models.served (
    number bigint generated always as identity primary key,
    server text not null check (server <> ''),
    model text not null check (model <> ''),
    name text not null,
    version text not null,
    digest bytea not null,
    at timestamptz not null,
    foreign key (name, version, digest) references models.version (name, version, digest)
);
create index on models.served (server, model, number desc);
select house.seal('models.served');

create table models.assignment (
    number bigint generated always as identity primary key,
    work text not null check (work <> ''),
    chain jsonb not null,  -- [{"server": …, "model": …}], the first choice first
    seconds real not null check (seconds > 0),
    cap smallint not null check (cap between 0 and 2),  -- nobody goes before this priority
    tokens_day bigint check (tokens_day > 0),
    money_day numeric(12, 2) check (money_day > 0),
    person_hour integer check (person_hour > 0),
    room_hour integer check (room_hour > 0),
    actor text not null,
    at timestamptz not null
);
create index on models.assignment (work, number desc);
select house.seal('models.assignment');

-- ── What was asked: who, of what, how long, at what cost; never a word of it ────────────────
create table models.call (
    number bigint generated always as identity primary key,
    id text not null unique check (id <> ''),
    at timestamptz not null,
    work text not null,
    priority smallint not null,
    room text not null,
    actor text not null,
    server text,
    name text,  -- of the registered model that answered
    version text,
    digest bytea,
    prompt_name text not null,
    prompt_version text not null,
    prompt_digest bytea not null,
    inputs text[] not null,
    tokens_in integer not null check (tokens_in >= 0),
    tokens_out integer not null check (tokens_out >= 0),
    cost numeric(14, 6) not null check (cost >= 0),
    seconds real not null,
    first_seconds real,
    waited real not null,
    outcome text not null check (outcome in ('answered', 'repaired', 'failed', 'given-up')),
    why text not null check (why ~ '^[a-z0-9._-]{0,100}$'),
    passed jsonb not null,  -- [{"server": …, "model": …, "why": …}]
    foreign key (name, version, digest) references models.version (name, version, digest),
    foreign key (prompt_name, prompt_version, prompt_digest)
        references models.version (name, version, digest)
);
create index on models.call (at);
create index on models.call (actor, work, at);
create index on models.call (room, work, at);
select house.seal('models.call');

grant select, insert on models.server, models.server_token, models.probe, models.served,
    models.assignment, models.call to countersign_steward;
grant select on models.server, models.probe, models.served, models.assignment, models.call
    to countersign_auditor;
grant select on models.server_token to countersign_vault;

-- ── The queue; it may be lost with the server, for nobody who waits survives that ────────────
create unlogged table models.ticket (
    id text primary key,
    server text not null,
    process text not null,
    priority smallint not null,
    lane text not null,  -- a person or a room: nobody's many requests crowd out another's few
    at timestamptz not null default clock_timestamp(),
    until timestamptz not null,  -- a process that was killed renews no more
    granted_at timestamptz
);
create index on models.ticket (server);
create index on models.ticket (process);
create unlogged table models.lane (
    server text not null,
    lane text not null,
    served_at timestamptz not null,
    primary key (server, lane)
);
-- A server that failed again and again rests; then one request tries it.
create unlogged table models.breaker (
    server text primary key,
    failures integer not null default 0,
    opened_at timestamptz,
    rests_until timestamptz,
    trying_until timestamptz
);
grant select, insert, update, delete on models.ticket, models.lane, models.breaker
    to countersign_steward;

-- Gives free places to whoever is next: by priority, where each ``ageing`` of waiting counts as
-- one step forward, then to the lane that holds fewest places and was served longest ago.
create function models.grant_places(
    of_server text, places integer, lease interval, ageing interval
) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    moment timestamptz := clock_timestamp();
    free integer;
    next record;
begin
    delete from models.ticket t where t.server = of_server and t.until < moment;
    select places - count(*) into free from models.ticket t
        where t.server = of_server and t.granted_at is not null;
    while free > 0 loop
        select t.id, t.lane into next from models.ticket t
            left join (select h.lane, count(*) as held from models.ticket h
                where h.server = of_server and h.granted_at is not null group by h.lane) busy
                on busy.lane = t.lane
            left join models.lane l on l.server = of_server and l.lane = t.lane
            where t.server = of_server and t.granted_at is null
            order by greatest(0, t.priority
                    - floor(extract(epoch from moment - t.at) / extract(epoch from ageing))),
                coalesce(busy.held, 0), l.served_at nulls first, t.at, t.id
            limit 1;
        exit when not found;
        update models.ticket t set granted_at = moment, until = moment + lease
            where t.id = next.id;
        insert into models.lane as l (server, lane, served_at) values (of_server, next.lane, moment)
            on conflict (server, lane) do update set served_at = clock_timestamp();
        perform pg_notify('models_place', next.id);
        free := free - 1;
    end loop;
end $$;

-- Whether a place was free at once; otherwise the ticket waits.
create function models.enter_place(
    of_server text, places integer, of_ticket text, of_process text, urgency smallint,
    of_lane text, lease interval, ageing interval
) returns boolean language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    moment timestamptz;
    held integer;
    waiting integer;
begin
    perform pg_advisory_xact_lock(73106, hashtext(of_server));
    moment := clock_timestamp();
    select count(*) filter (where t.granted_at is not null and t.until >= moment),
        count(*) filter (where t.granted_at is null or t.until < moment)
        into held, waiting from models.ticket t where t.server = of_server;
    if held < places and waiting = 0 then
        insert into models.ticket (id, server, process, priority, lane, until, granted_at)
            values (of_ticket, of_server, of_process, urgency, of_lane, moment + lease, moment);
        return true;
    end if;
    insert into models.ticket (id, server, process, priority, lane, until)
        values (of_ticket, of_server, of_process, urgency, of_lane, moment + lease);
    perform models.grant_places(of_server, places, lease, ageing);
    return exists (select from models.ticket t where t.id = of_ticket and t.granted_at is not null);
end $$;

-- Asked while waiting: frees what the dead hold, and says whether this ticket has its place.
-- Null where the ticket is gone, because its process was thought dead.
create function models.placed(
    of_server text, of_ticket text, places integer, lease interval, ageing interval
) returns boolean language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(73106, hashtext(of_server));
    perform models.grant_places(of_server, places, lease, ageing);
    return (select t.granted_at is not null from models.ticket t where t.id = of_ticket);
end $$;

create function models.leave_place(
    of_server text, of_ticket text, places integer, lease interval, ageing interval
) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(73106, hashtext(of_server));
    delete from models.ticket t where t.id = of_ticket;
    if exists (select from models.ticket t
            where t.server = of_server and t.granted_at is null) then
        perform models.grant_places(of_server, places, lease, ageing);
    end if;
end $$;
revoke execute on function models.grant_places(text, integer, interval, interval),
    models.enter_place(text, integer, text, text, smallint, text, interval, interval),
    models.placed(text, text, integer, interval, interval),
    models.leave_place(text, text, integer, interval, interval) from public;
grant execute on function models.grant_places(text, integer, interval, interval),
    models.enter_place(text, integer, text, text, smallint, text, interval, interval),
    models.placed(text, text, integer, interval, interval),
    models.leave_place(text, text, integer, interval, interval) to countersign_steward;

select ledger.permit('model-server-changed', 'countersign_steward');
select ledger.permit('model-server-probed', 'countersign_steward');
select ledger.permit('model-assigned', 'countersign_steward');
select ledger.permit('model-asked', 'countersign_ledger');
select ledger.permit('model-answered', 'countersign_steward');
insert into ledger.retained (kind, rule) values
    ('model-server-changed', 'record'), ('model-assigned', 'record'),
    ('model-server-probed', 'process'), ('model-asked', 'process'), ('model-answered', 'process');
select vault.declare_sealed('models.server_token', $$'server-token/' || server$$);
