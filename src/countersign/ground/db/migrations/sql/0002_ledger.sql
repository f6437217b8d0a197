-- The ledger: an RFC 6962 Merkle tree whose leaves are events.
-- Every table is append-only and written by the functions below alone.
create schema ledger;

-- The next index to be given. Its row lock puts all appends, of all processes, in one order.
create table ledger.head (
    one boolean primary key default true check (one),
    size bigint not null check (size >= 0)
);
insert into ledger.head (size) values (0);

create table ledger.leaf (
    index bigint primary key check (index >= 0),
    leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);

-- What a leaf says. It lies apart from the hash, so that a payload may be pruned when its
-- retention ends while the hash stays for ever. 65,535 bytes is what a C2SP tlog-tiles
-- entry can hold.
create table ledger.event (
    index bigint primary key references ledger.leaf (index),
    at timestamptz not null,
    kind text not null check (kind ~ '^[a-z]+(-[a-z]+)*$'),
    actor text not null check (actor ~ '^(person|client|system):.'),
    patient text,
    subject text,
    model text,
    body bytea not null check (octet_length(body) <= 65535)
);
create index event_at on ledger.event (at);
create index event_kind on ledger.event (kind, index);
create index event_actor on ledger.event (actor, index);
create index event_patient on ledger.event (patient, index) where patient is not null;
create index event_subject on ledger.event (subject, index) where subject is not null;
create index event_model on ledger.event (model, index) where model is not null;

-- Complete tiles as in c2sp.org/tlog-tiles: 256 hashes side by side. At level 0 they are leaf
-- hashes, above it the roots of complete tiles one level below.
create table ledger.tile (
    level integer not null check (level between 0 and 7),
    index bigint not null check (index >= 0),
    hashes bytea not null check (octet_length(hashes) = 8192),
    root bytea not null check (octet_length(root) = 32),
    primary key (level, index)
);
alter table ledger.tile alter column hashes set storage external;

create table ledger.checkpoint (
    size bigint primary key check (size >= 0),
    root bytea not null check (octet_length(root) = 32),
    note text not null check (length(note) <= 65535),
    at timestamptz not null
);

select house.seal('ledger.leaf');
select house.seal('ledger.event');
select house.seal('ledger.tile');
select house.seal('ledger.checkpoint');

create function ledger.only_forward() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.one and new.size > old.size then
        return new;
    end if;
    raise exception 'append-only: % on ledger.head', tg_op using errcode = 'CSA01';
end $$;
create trigger only_forward before update or delete on ledger.head
    for each row execute function ledger.only_forward();
alter table ledger.head enable always trigger only_forward;
create trigger no_truncate before truncate on ledger.head
    for each statement execute function house.append_only();
alter table ledger.head enable always trigger no_truncate;

-- The time that an event names, once its parts are known to be of the types that readers
-- expect; whatever is missing is refused by the columns of ledger.event.
create function ledger.moment(said jsonb) returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    part text;
begin
    foreach part in array array['at', 'kind', 'actor', 'patient', 'subject', 'model'] loop
        if jsonb_typeof(said->part) <> 'string' then
            raise exception 'an event whose % is no text', part using errcode = '22023';
        end if;
    end loop;
    foreach part in array array['commits', 'detail'] loop
        if jsonb_typeof(said->part) <> 'object' then
            raise exception 'an event whose % is no object', part using errcode = '22023';
        end if;
    end loop;
    if said->>'at' !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$' then
        raise exception 'an event whose time is not in UTC with milliseconds' using errcode = '22007';
    end if;
    return (said->>'at')::timestamptz;
end $$;

-- Appends events in the order given and returns the index of the first. The columns are read
-- from the body itself, so that what can be searched is what was hashed. Call it as the last
-- statement of a transaction: until the commit nobody else can append.
create function ledger.append(bodies bytea[]) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    many bigint := cardinality(bodies);
    first bigint;
begin
    if coalesce(many, 0) = 0 then
        raise exception 'no events' using errcode = '22023';
    end if;
    -- A receipt promises that the leaf survives a power cut.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    update ledger.head set size = size + many returning size - many into strict first;
    insert into ledger.leaf (index, leaf_hash)
    select first + place - 1, sha256('\x00'::bytea || body)
    from unnest(bodies) with ordinality as given (body, place);
    insert into ledger.event (index, at, kind, actor, patient, subject, model, body)
    select first + place - 1, ledger.moment(said), said->>'kind', said->>'actor',
        said->>'patient', said->>'subject', said->>'model', body
    from unnest(bodies) with ordinality as given (body, place)
    cross join lateral (select convert_from(body, 'UTF8')::jsonb as said offset 0) as read;
    return first;
end $$;

create function ledger.tile_root(hashes bytea) returns bytea
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
    layer bytea := hashes;
begin
    while octet_length(layer) > 32 loop
        select string_agg(sha256('\x01'::bytea || substr(layer, 64 * n + 1, 64)), ''::bytea order by n)
        into strict layer
        from generate_series(0, octet_length(layer) / 64 - 1) as n;
    end loop;
    return layer;
end $$;

-- Writes the tiles that have become complete; returns how many leaves they cover.
create function ledger.tend() returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    depth integer := 0;
    whole bigint;
    covered bigint;
    place bigint;
    side_by_side bytea;
begin
    perform pg_advisory_xact_lock(73201);
    select size / 256 into strict whole from ledger.head;
    covered := whole * 256;
    while whole > 0 loop
        select coalesce(max(tile.index) + 1, 0) into strict place
        from ledger.tile where tile.level = depth;
        while place < whole loop
            if depth = 0 then
                select string_agg(leaf_hash, ''::bytea order by leaf.index) into side_by_side
                from ledger.leaf
                where leaf.index >= place * 256 and leaf.index < place * 256 + 256;
            else
                select string_agg(root, ''::bytea order by tile.index) into side_by_side
                from ledger.tile
                where tile.level = depth - 1
                    and tile.index >= place * 256 and tile.index < place * 256 + 256;
            end if;
            insert into ledger.tile (level, index, hashes, root)
            values (depth, place, side_by_side, ledger.tile_root(side_by_side));
            place := place + 1;
        end loop;
        whole := whole / 256;
        depth := depth + 1;
    end loop;
    return covered;
end $$;

-- Keeps a signed checkpoint; the first one of a size stays.
create function ledger.publish(size bigint, root bytea, note text, at timestamptz) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if publish.size > (select head.size from ledger.head) then
        raise exception 'a checkpoint of leaves that do not exist' using errcode = '22023';
    end if;
    insert into ledger.checkpoint (size, root, note, at)
    values (publish.size, publish.root, publish.note, publish.at)
    on conflict do nothing;
end $$;

revoke execute on all functions in schema ledger from public;
grant usage on schema ledger to
    countersign_room, countersign_receiver, countersign_signer, countersign_sender,
    countersign_auditor, countersign_identity, countersign_vault, countersign_ledger,
    countersign_steward, countersign_jobs;
grant execute on function ledger.append(bytea[]) to
    countersign_room, countersign_receiver, countersign_signer, countersign_sender,
    countersign_auditor, countersign_identity, countersign_vault, countersign_ledger,
    countersign_steward, countersign_jobs;
grant execute on function ledger.tend(), ledger.publish(bigint, bytea, text, timestamptz)
    to countersign_ledger;
grant select on ledger.head, ledger.leaf, ledger.event, ledger.tile, ledger.checkpoint
    to countersign_auditor, countersign_ledger;
