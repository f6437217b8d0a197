-- Back to before rotation, as long as the earlier version can read everything that is there.
do $$
begin
    if exists (select from vault.data_key where wrapped is null or suite <> 1) then
        raise exception 'keys were destroyed, or made for another suite: the earlier version '
            'cannot read this database. Restore a backup of before.';
    end if;
end $$;

create or replace function chart.only_forward() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a resource stays in the chart' using errcode = 'CSC01';
    end if;
    if new.version <= old.version or new.type <> old.type or new.id <> old.id then
        raise exception 'a current version only moves forward' using errcode = 'CSC01';
    end if;
    if new.patient is distinct from old.patient then
        raise exception 'a resource stays with its patient' using errcode = 'CSC02';
    end if;
    return new;
end $$;
alter table chart.patient drop column destroyed;
drop function chart.forget(text);

do $$
declare
    one record;
begin
    for one in select name from vault.sealed_table loop
        execute format('drop index %s', one.name || '_key_id_idx');
        execute format('drop trigger living_key_added on %s', one.name);
        execute format('drop trigger living_key_changed on %s', one.name);
        if exists (select from pg_trigger
                   where tgrelid = one.name::regclass and tgname = 'only_resealed') then
            execute format('drop trigger only_resealed on %s', one.name);
            execute format('drop trigger append_only on %s', one.name);
            perform house.seal(one.name::regclass);
        end if;
    end loop;
end $$;

drop index vault.data_key_wrapping;
drop table vault.resealing, vault.sealed_table, vault.shredded;
drop trigger checked on vault.data_key;
drop function
    vault.sealed_columns(), vault.census(), vault.demand_wrapping(integer),
    vault.begin_generation(), vault.rewrap(bigint[], bytea[], integer, bytea[]),
    vault.reseal(text, tid[], bytea[], smallint[], bigint[], bytea[]),
    vault.boxes(text, bigint[], tid, integer), vault.retire(bigint[]), vault.condemn(text),
    vault.shred(text, text, text, timestamptz), vault.settle_shredded(),
    vault.settle_resealing(), vault.declare_sealed(regclass, text), vault.only_resealed(),
    vault.append_only(), vault.require_living(), vault.check_key(), vault.is_shredded(text);
drop table vault.head;
alter table vault.data_key
    drop constraint data_key_destroyed,
    drop column generation, drop column destroyed_at, drop column cause,
    alter column wrapped set not null;
revoke usage on schema vault from countersign_receiver, countersign_sender;
