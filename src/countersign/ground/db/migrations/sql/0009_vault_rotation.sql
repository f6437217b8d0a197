-- Rotation of wrapping keys and data keys while everybody works, and the destruction of one
-- patient's keys.
--
-- What is sealed stands in a table with the columns suite, key_id and box, and is declared with
-- vault.declare_sealed. The declaration says which place a row's value is bound to, and lets the
-- vault seal the row again under a newer key of the same subject. On an append-only table that
-- is the only change there can be: everything else of the row, the hash of its content
-- included, stays, and a leaf of the ledger tells of it.

-- A destroyed key leaves its row, so that an identifier never opens something else later.
alter table vault.data_key
    alter column wrapped drop not null,
    add column generation integer not null default 1 check (generation > 0),
    add column destroyed_at timestamptz,
    add column cause text check (cause in ('rotated', 'shredded')),
    add constraint data_key_destroyed check (
        (wrapped is null) = (destroyed_at is not null)
        and (wrapped is null) = (cause is not null));
create index data_key_wrapping on vault.data_key (wrapping_version, id) where wrapped is not null;
create index data_key_generation on vault.data_key (generation, id) where wrapped is not null;

-- What new keys must come up to. Whoever makes keys holds this row until the commit, so that
-- after a step forward no key comes in that the step does not know of.
create table vault.head (
    one boolean primary key default true check (one),
    wrapping_version integer not null,
    generation integer not null
);
insert into vault.head (wrapping_version, generation) values (1, 1);

-- Patients whose keys were destroyed on purpose, with the certificate.
create table vault.shredded (
    subject text primary key,
    certificate_id text not null unique,
    certificate text not null,
    sha256 bytea not null check (sha256 = sha256(convert_to(certificate, 'UTF8'))),
    at timestamptz not null
);
select house.seal('vault.shredded');

create table vault.sealed_table (
    name text primary key,
    place text not null  -- the SQL expression of what a row's box is bound to
);

-- One row for each batch that was sealed again.
create table vault.resealing (
    id bigint generated always as identity primary key,
    name text not null references vault.sealed_table (name),
    transaction xid8 not null
);
create index on vault.resealing (transaction);
select house.seal('vault.resealing');

create function vault.is_shredded(_subject text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from vault.shredded where subject = _subject)
$$;

create function vault.check_key() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    present vault.head;
begin
    select * into strict present from vault.head for share;
    if new.wrapping_version < present.wrapping_version then
        raise exception 'a newer wrapping key is in force' using errcode = 'CSV01';
    end if;
    if vault.is_shredded(new.subject) then
        raise exception 'the keys of this subject were destroyed' using errcode = 'CSV03';
    end if;
    new.generation := present.generation;
    return new;
end $$;
create trigger checked before insert on vault.data_key
    for each row execute function vault.check_key();
alter table vault.data_key enable always trigger checked;

-- Nothing is written under a key that is no more. The lock keeps the key until the commit.
create function vault.require_living() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted bigint;
    living bigint;
begin
    select count(distinct key_id) into wanted from added;
    perform from vault.data_key k
    where k.id in (select key_id from added) and k.wrapped is not null for share;
    get diagnostics living = row_count;
    if living < wanted then
        raise exception 'sealed under a key that is no more' using errcode = 'CSV02';
    end if;
    return null;
end $$;

-- In place of house.append_only where values are sealed: only vault.reseal comes through.
create function vault.append_only() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'UPDATE' and exists (
            select from vault.resealing r where r.transaction = pg_current_xact_id()
            and r.name = format('%I.%I', tg_table_schema, tg_table_name)) then
        return null;
    end if;
    raise exception 'append-only: % on %.%', tg_op, tg_table_schema, tg_table_name
        using errcode = 'CSA01';
end $$;

-- What vault.reseal may change. Whatever else updates was refused by append_only before.
create function vault.only_resealed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    plain record;
begin
    if not exists (select from vault.resealing r where r.transaction = pg_current_xact_id()) then
        return new;
    end if;
    plain := new;
    plain.suite := old.suite;
    plain.key_id := old.key_id;
    plain.box := old.box;
    if plain is distinct from old or not exists (
            select from vault.data_key was join vault.data_key becomes using (subject)
            where was.id = old.key_id and becomes.id = new.key_id
              and becomes.version > was.version and becomes.suite = new.suite) then
        raise exception 'append-only: only a newer key may seal %.% again',
            tg_table_schema, tg_table_name using errcode = 'CSA01';
    end if;
    return new;
end $$;

create function vault.declare_sealed(target regclass, place text) returns void
    language plpgsql as $$
begin
    insert into vault.sealed_table (name, place)
    select format('%I.%I', n.nspname, c.relname), declare_sealed.place
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target;
    execute format('create index on %s (key_id)', target);
    execute format(
        'create trigger living_key_added after insert on %s referencing new table as added '
        'for each statement execute function vault.require_living()', target);
    execute format(
        'create trigger living_key_changed after update on %s referencing new table as added '
        'for each statement execute function vault.require_living()', target);
    execute format('alter table %s enable always trigger living_key_added', target);
    execute format('alter table %s enable always trigger living_key_changed', target);
    if exists (select from pg_trigger where tgrelid = target and tgname = 'append_only') then
        execute format('drop trigger append_only on %s', target);
        execute format(
            'create trigger append_only before update or delete or truncate on %s '
            'for each statement execute function vault.append_only()', target);
        execute format(
            'create trigger only_resealed before update on %s '
            'for each row execute function vault.only_resealed()', target);
        execute format('alter table %s enable always trigger append_only', target);
        execute format('alter table %s enable always trigger only_resealed', target);
    end if;
end $$;

select vault.declare_sealed('chart.version', $$type || '/' || id || '/' || version$$);
select vault.declare_sealed('chart.patient', $$'summary/' || patient$$);
select vault.declare_sealed('signoff.draft', $$'draft/' || id$$);
select vault.declare_sealed('signoff.signature', $$'signature/' || id$$);
select vault.declare_sealed('signoff.working', $$'working/' || draft_id || '/' || person_id$$);

-- Every table that looks as if something sealed lay in it, whether anybody declared it or not.
create function vault.sealed_columns()
    returns table (name text, whole boolean, declared boolean)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select format('%I.%I', n.nspname, c.relname),
           'suite' = any (a.names) and 'key_id' = any (a.names) and 'box' = any (a.names),
           exists (select from vault.sealed_table s
                   where s.name = format('%I.%I', n.nspname, c.relname))
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
        select array_agg(attname::text) as names from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped
          and attname ~ '(^|_)(suite|key_id|box)$') as a
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and exists (select from unnest(a.names) as one (word) where word ~ '(^|_)(key_id|box)$')
    order by 1
$$;

-- How many rows of every sealed table lie under which kind of key: "present" under a key of the
-- generation in force, "older" under one of an earlier generation, "shredded" under a key that
-- was destroyed on purpose, "lost" under one that is not there.
create function vault.census()
    returns table (name text, declared boolean, suite smallint, state text, rows bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    one record;
begin
    for one in select * from vault.sealed_columns() loop
        if not one.whole then
            return query select one.name, one.declared, null::smallint, 'unknown', null::bigint;
            continue;
        end if;
        return query execute format(
            'select %L, %L::boolean, c.suite, c.state, count(*) from ('
            ' select t.suite::smallint, case'
            '  when k.cause = ''shredded'' then ''shredded'''
            '  when k.wrapped is null then ''lost'''
            '  when k.generation < h.generation then ''older'' else ''present'' end as state'
            ' from %s t cross join vault.head h left join vault.data_key k on k.id = t.key_id'
            ' where t.box is not null) c group by c.suite, c.state',
            one.name, one.declared, one.name);
        if not found then
            return query select one.name, one.declared, null::smallint, 'empty', 0::bigint;
        end if;
    end loop;
end $$;

-- A step forward; new keys are wrapped by this version or a later one from now on.
create function vault.demand_wrapping(version integer) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    update vault.head set wrapping_version = version where wrapping_version < version
$$;

-- Begins a rotation of the data keys, or returns 0 where one is still under way.
create function vault.begin_generation() returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    present integer;
begin
    select generation into strict present from vault.head for update;
    if exists (select from vault.data_key where generation < present and wrapped is not null) then
        return 0;
    end if;
    update vault.head set generation = generation + 1;
    return present + 1;
end $$;

-- Puts a key's newer wrapping in place of exactly the one that was read.
create function vault.rewrap(ids bigint[], before bytea[], version integer, after bytea[])
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    many bigint;
begin
    update vault.data_key k set wrapped = n.after, wrapping_version = rewrap.version
    from unnest(ids, before, after) as n (id, before, after)
    where k.id = n.id and k.wrapped = n.before and n.after is not null
      and k.wrapping_version < rewrap.version;
    get diagnostics many = row_count;
    return many;
end $$;

-- Sealed rows under these keys, in the order in which they lie, after one of them.
create function vault.boxes(target text, keys bigint[], after tid, many integer)
    returns table (spot tid, place text, suite smallint, key_id bigint, box bytea)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    known vault.sealed_table;
begin
    select * into strict known from vault.sealed_table s where s.name = target;
    return query execute format(
        'select t.ctid, %s, t.suite::smallint, t.key_id, t.box from %s t'
        ' where t.key_id = any ($1) and t.ctid > $2 order by t.ctid limit $3',
        known.place, known.name)
        using keys, after, many;
end $$;

-- Seals rows again; a row that was changed since it was read, or that somebody is changing, is
-- left for later. Returns the number of the batch, which the leaf names, and how many rows it
-- changed.
create function vault.reseal(
    target text, rows tid[], nonces bytea[], suites smallint[], keys bigint[], boxes bytea[],
    out batch bigint, out changed bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    known vault.sealed_table;
begin
    select * into strict known from vault.sealed_table s where s.name = target;
    insert into vault.resealing (name, transaction) values (known.name, pg_current_xact_id())
    returning id into batch;
    execute format(
        'update %s t set suite = n.suite, key_id = n.key_id, box = n.box'
        ' from unnest($1, $2, $3, $4, $5) as n (spot, nonce, suite, key_id, box)'
        ' where t.ctid = n.spot and substr(t.box, 1, 12) = n.nonce and t.ctid in'
        ' (select h.ctid from %s h where h.ctid = any ($1) for no key update skip locked)',
        known.name, known.name)
        using rows, nonces, suites, keys, boxes;
    get diagnostics changed = row_count;
end $$;

create function vault.settle_resealing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from ledger.event e
            where e.subject = 'resealing:' || new.id and e.kind = 'data-resealed'
              and e.xmin = pg_current_xact_id()::xid) then
        raise exception 'no leaf of this transaction tells of it' using errcode = 'CSG12';
    end if;
    return null;
end $$;
create constraint trigger settled after insert on vault.resealing
    deferrable initially deferred for each row execute function vault.settle_resealing();
alter table vault.resealing enable always trigger settled;

-- Destroys keys of earlier generations under which nothing lies any more, in any table that
-- the catalogue knows. A key that somebody is writing with is left. Returns those destroyed.
create function vault.retire(keys bigint[]) returns bigint[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    unused bigint[];
    used bigint[];
    one record;
begin
    select array_agg(id) into unused from (
        select k.id from vault.data_key k cross join vault.head h
        where k.id = any (keys) and k.wrapped is not null and k.generation < h.generation
          and exists (select from vault.data_key later where later.subject = k.subject
                      and later.generation = h.generation and later.wrapped is not null)
        order by k.id for update of k skip locked) as held;
    for one in select * from vault.sealed_columns() loop
        if not one.whole then
            raise exception '% is not understood', one.name using errcode = 'CSV04';
        end if;
        execute format('select array_agg(distinct key_id) from %s where key_id = any ($1)',
            one.name) into used using unused;
        unused := array(select unnest(unused) except select unnest(used));
    end loop;
    update vault.data_key set wrapped = null, destroyed_at = clock_timestamp(), cause = 'rotated'
    where id = any (unused);
    return coalesce(unused, '{}');
end $$;

-- What destroying a subject's keys will make unreadable. Holds the keys until the commit.
create function vault.condemn(_subject text)
    returns table (kind text, name text, number bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s' as $$
declare
    held bigint[];
    one record;
begin
    perform from vault.head for update;
    select array_agg(id order by id) into held from (
        select id from vault.data_key where subject = _subject and wrapped is not null
        for update) as keys;
    return query select 'key', null, unnest(held);
    for one in select * from vault.sealed_columns() loop
        return query execute format(
            'select ''rows'', %L, count(*) from %s where key_id in'
            ' (select id from vault.data_key where subject = $1)',
            one.name, one.name) using _subject;
    end loop;
end $$;

create function vault.shred(
    _subject text, _certificate_id text, _certificate text, _at timestamptz) returns bigint[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s' as $$
declare
    gone bigint[];
begin
    perform from vault.head for update;
    insert into vault.shredded (subject, certificate_id, certificate, sha256, at)
    values (_subject, _certificate_id, _certificate, sha256(convert_to(_certificate, 'UTF8')), _at);
    with destroyed as (
        update vault.data_key
        set wrapped = null, destroyed_at = clock_timestamp(), cause = 'shredded'
        where subject = _subject and wrapped is not null returning id)
    select array_agg(id order by id) into gone from destroyed;
    perform chart.forget(_subject);
    return gone;
end $$;

create function vault.settle_shredded() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from ledger.event e
            where e.subject = 'certificate:' || new.certificate_id and e.kind = 'data-destroyed'
              and e.xmin = pg_current_xact_id()::xid
              and convert_from(e.body, 'UTF8')::jsonb #>> array['commits', 'certificate']
                  = encode(new.sha256, 'hex')) then
        raise exception 'no leaf of this transaction tells of it' using errcode = 'CSG12';
    end if;
    return null;
end $$;
create constraint trigger settled after insert on vault.shredded
    deferrable initially deferred for each row execute function vault.settle_shredded();
alter table vault.shredded enable always trigger settled;

-- What is left of a patient whose keys are gone: that there was one, and whose department it
-- was, so that those who might have read the chart learn that it was destroyed.
alter table chart.patient add column destroyed boolean not null default false;

create or replace function chart.only_forward() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a resource stays in the chart' using errcode = 'CSC01';
    end if;
    if new.version = old.version and new.type = old.type and new.id = old.id
       and new.patient is not distinct from old.patient
       and new.deleted and new.tokens = '{}' and num_nonnulls(new.low, new.high) = 0
       and vault.is_shredded(old.patient) then
        return new;
    end if;
    if new.version <= old.version or new.type <> old.type or new.id <> old.id then
        raise exception 'a current version only moves forward' using errcode = 'CSC01';
    end if;
    if new.patient is distinct from old.patient then
        raise exception 'a resource stays with its patient' using errcode = 'CSC02';
    end if;
    return new;
end $$;

-- Takes a shredded patient out of every list and every index.
create function chart.forget(_patient text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update chart.current set deleted = true, tokens = '{}', low = null, high = null,
        content = '', stay = false
    where patient = _patient;
    delete from signoff.working w using signoff.draft d
    where d.id = w.draft_id and d.patient = _patient;
    update chart.patient set active = false, destroyed = true, suite = null, key_id = null,
        box = null
    where patient = _patient;
end $$;

revoke execute on all functions in schema vault from public;
revoke execute on function chart.forget(text) from public;
grant usage on schema vault to countersign_receiver, countersign_sender;
grant execute on function vault.is_shredded(text)
    to countersign_vault, countersign_receiver, countersign_sender;
grant execute on function
    vault.sealed_columns(), vault.census(), vault.demand_wrapping(integer),
    vault.begin_generation(), vault.rewrap(bigint[], bytea[], integer, bytea[]),
    vault.boxes(text, bigint[], tid, integer),
    vault.reseal(text, tid[], bytea[], smallint[], bigint[], bytea[]),
    vault.retire(bigint[]), vault.condemn(text), vault.shred(text, text, text, timestamptz)
    to countersign_vault;
grant select on vault.head, vault.shredded, vault.sealed_table to countersign_vault;
