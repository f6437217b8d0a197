-- What the policy knew of each patient, and since when, so that a decision of the past can be
-- explained by what was true then. It holds what chart.patient holds and no content of a chart.
create table chart.placed (
    patient text not null check (patient <> ''),
    number bigint generated always as identity,
    since timestamptz not null default clock_timestamp(),
    departments text[] not null,
    care_team text[] not null,
    sensitivity text[] not null,
    labels text[] not null,
    refused text[] not null,
    primary key (patient, number)
);
select house.seal('chart.placed');
alter table chart.placed enable row level security;  -- nobody lists it; see chart.facts_then

do $$ begin
    if to_regclass('kept.chart_placed') is not null then  -- from before a way back
        insert into chart.placed (patient, since, departments, care_team, sensitivity, labels,
                                  refused)
        select patient, since, departments, care_team, sensitivity, labels, refused
        from kept.chart_placed order by number;
        drop table kept.chart_placed;
    end if;
end $$;
insert into chart.placed (patient, departments, care_team, sensitivity, labels, refused)
select patient, departments, care_team, sensitivity, labels, refused from chart.patient;

create function chart.keep_placed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into chart.placed (patient, departments, care_team, sensitivity, labels, refused)
    values (new.patient, new.departments, new.care_team, new.sensitivity, new.labels,
            new.refused);
    return null;
end $$;
create trigger came after insert on chart.patient
    for each row execute function chart.keep_placed();
create trigger moved after update on chart.patient
    for each row when (
        (new.departments, new.care_team, new.sensitivity, new.labels, new.refused)
        is distinct from
        (old.departments, old.care_team, old.sensitivity, old.labels, old.refused))
    execute function chart.keep_placed();
alter table chart.patient enable always trigger came;
alter table chart.patient enable always trigger moved;

-- What the policy must know of one named patient as of a moment; nothing where nothing was kept.
create function chart.facts_then(_patient text, _at timestamptz)
    returns table (patient text, departments text[], care_team text[], sensitivity text[],
                   labels text[], refused text[], since timestamptz)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.patient, p.departments, p.care_team, p.sensitivity, p.labels, p.refused, p.since
    from chart.placed p
    where p.patient = _patient and p.since <= _at and house.scope_given()
    order by p.number desc limit 1
$$;
revoke execute on function chart.facts_then(text, timestamptz) from public;
grant execute on function chart.facts_then(text, timestamptz) to countersign_room;
