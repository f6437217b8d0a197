-- Functions that every schema uses.
create schema house;
grant usage on schema house to public;

create function house.append_only() returns trigger language plpgsql as $$
begin
    raise exception 'append-only: % on %.%', tg_op, tg_table_schema, tg_table_name
        using errcode = 'CSA01';
end $$;

-- Forbids every change to what was written; the owner of the table is bound as well.
create function house.seal(target regclass) returns void language plpgsql as $$
begin
    execute format(
        'create trigger append_only before update or delete or truncate on %s '
        'for each statement execute function house.append_only()', target);
    execute format('alter table %s enable always trigger append_only', target);
end $$;
revoke execute on function house.seal(regclass) from public;
