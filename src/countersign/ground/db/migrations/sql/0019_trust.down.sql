-- keeps: nothing that is needed; the collector gets everything again from the first event on
drop table identity.logout;
drop function ledger.forward(text, bigint, bigint, timestamptz);
drop table ledger.forwarded;

create or replace function vault.begin_generation() returns integer
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
