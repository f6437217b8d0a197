-- while serving: yes
-- How far the hospital's syslog collector has got the events of the ledger.
create table ledger.forwarded (
    server text primary key check (length(server) between 1 and 300),
    next bigint not null check (next >= 0),
    at timestamptz not null
);

-- Moves on from exactly the place that was read; false when another process has gone ahead.
create function ledger.forward(server text, start bigint, stop bigint, at timestamptz)
    returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if stop <= start or stop > (select size from ledger.head) then
        raise exception 'nothing to move on to' using errcode = '22023';
    end if;
    if start = 0 then
        insert into ledger.forwarded (server, next, at)
        values (forward.server, forward.stop, forward.at) on conflict do nothing;
        if found then
            return true;
        end if;
    end if;
    update ledger.forwarded f set next = forward.stop, at = forward.at
    where f.server = forward.server and f.next = forward.start;
    return found;
end $$;
revoke execute on function ledger.forward(text, bigint, bigint, timestamptz) from public;
grant execute on function ledger.forward(text, bigint, bigint, timestamptz) to countersign_ledger;
grant select on ledger.forwarded to countersign_auditor, countersign_ledger;

-- Sign-outs that the hospital's provider announced: none is taken twice.
create table identity.logout (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    expires_at timestamptz not null
);
create index on identity.logout (expires_at);
grant select, insert, delete on identity.logout to countersign_identity;

-- As before; keys that only the copies of a way back (schema set_aside) still need hold nothing up.
create or replace function vault.begin_generation() returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    present integer;
    old bigint[];
    held bigint[] := '{}';
    lying bigint[];
    one record;
begin
    select generation into strict present from vault.head for update;
    old := array(select id from vault.data_key where generation < present and wrapped is not null);
    for one in select * from vault.sealed_columns() where name ~ '^set_aside\.' loop
        execute format('select array_agg(distinct key_id) from %s where key_id = any ($1)',
            one.name) into lying using old;
        held := held || coalesce(lying, '{}');
    end loop;
    if not old <@ held then
        return 0;
    end if;
    for one in select * from vault.sealed_columns() where name !~ '^set_aside\.' loop
        execute format('select array_agg(key_id) from (select key_id from %s'
            ' where key_id = any ($1) limit 1) as found', one.name) into lying using held;
        if lying is not null then
            return 0;
        end if;
    end loop;
    update vault.head set generation = generation + 1;
    return present + 1;
end $$;
