-- Back to version 0008's ledger. What was pruned stays pruned; the tables that account for it,
-- for witnesses and for searches are removed with what they hold.
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
revoke execute on function ledger.moment(jsonb) from public;

create or replace function ledger.append(bodies bytea[]) returns bigint
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

alter table ledger.event add foreign key (index) references ledger.leaf (index);
drop trigger only_pruned on ledger.event;
drop trigger append_only on ledger.event;
select house.seal('ledger.event');

drop function ledger.prune(bytea, bigint[], text);
drop function ledger.keep_returned(bytea, smallint, bigint, bytea);
drop function ledger.cosign(bigint, text, text, timestamptz);
drop function ledger.disagree(timestamptz, text, text, bigint, bigint, text);
drop table ledger.returned, ledger.pruned, ledger.cosignature, ledger.disagreement,
    ledger.retained, ledger.retention, ledger.recorder;
drop function ledger.only_pruned();
drop function ledger.only_ended();
drop function ledger.ended(text, timestamptz);
drop function ledger.permit(text, name[]);
delete from vault.sealed_table where name in (
    'ledger.returned');
