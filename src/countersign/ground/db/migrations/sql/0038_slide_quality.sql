-- The quality of each measured slide, summed for each day, so that control charts cover years.
-- while serving: yes

-- Slides that were measured before the tables below were there, and arrived before this number, are
-- still to be taken in, by a job, because their figures lie in sealed files. Counted first: nobody
-- waits for the count.
create table slides.quality_taken (
    one boolean primary key default true check (one),
    below bigint not null,
    waiting bigint not null check (waiting >= 0)  -- how many they are
);
create function slides.charted(state text) returns boolean
    language sql immutable parallel safe
    as $$ select state in ('ready', 'draft', 'signed', 'rescan') $$;
insert into slides.quality_taken (below, waiting)
select coalesce((select max(number) from slides.slide), 0) + 1, count(distinct r.slide)
from slides.run r join slides.outcome o on o.run = r.id and o.outcome = 'measured'
join slides.standing s on s.slide = r.slide and slides.charted(s.state);

-- What was measured of light, stains and focus: of the glass and the scanner, never of a person, so
-- that it lies open as described does and stays when a patient's keys are destroyed.
create table slides.quality (
    slide text primary key references slides.slide (id),
    day date not null,  -- of its arrival, in the hospital's zone
    scanner text not null,
    stain text not null,  -- as which it was measured
    legible boolean not null default true,  -- false where the result cannot be read any more
    counts boolean not null,  -- on the charts, by where the slide stands
    white real,
    "cast" real,
    angle real,
    haematoxylin real,
    second real,
    focus real,
    artefacts real,
    blur real not null default 0,
    fold real not null default 0,
    pen real not null default 0,
    tissue_mm2 real not null default 'Infinity'
);
create index on slides.quality (day, scanner, stain) where counts;

-- One line for each scanner and stain of a day: how many slides; and in the order of the columns
-- above how many have that figure, and its tenth, fiftieth and ninetieth of a hundred.
create table slides.quality_day (
    day date not null,
    scanner text not null,
    stain text not null,
    slides integer not null check (slides > 0),
    measured integer[] not null check (array_length(measured, 1) = 7),
    spread real[] not null check (array_dims(spread) = '[1:7][1:3]'),
    primary key (day, scanner, stain)
);

-- Which days are to be summed anew. Only ever added to by those who measure, so that none of them
-- waits for another; until it is settled, such a day is summed whenever it is read.
create table slides.quality_changed (
    number bigint generated always as identity primary key,
    day date not null,
    scanner text not null,
    stain text not null
);
create index on slides.quality_changed (day, scanner, stain);

create function slides.place_quality() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    select (l.at at time zone c.zone)::date, coalesce(nullif(d.scanner, ''), '–'),
        coalesce(s.stain, ''), new.legible and slides.charted(s.state)
    into new.day, new.scanner, new.stain, new.counts
    from slides.standing s join slides.slide l on l.id = s.slide cross join house.calendar c
    left join slides.described d on d.slide = s.slide
    where s.slide = new.slide;
    return new;
end $$;
create trigger placed before insert or update of legible on slides.quality
    for each row execute function slides.place_quality();
alter table slides.quality enable always trigger placed;

create function slides.note_quality() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op <> 'INSERT' and old.counts then
        insert into slides.quality_changed (day, scanner, stain)
        values (old.day, old.scanner, old.stain);
    end if;
    if tg_op <> 'DELETE' and new.counts then
        insert into slides.quality_changed (day, scanner, stain)
        values (new.day, new.scanner, new.stain);
    end if;
    return null;
end $$;
create trigger noted after insert or update or delete on slides.quality
    for each row execute function slides.note_quality();
alter table slides.quality enable always trigger noted;

-- Taken away, measured again, or stained otherwise than it was measured: off the charts until then.
create function slides.follow_standing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update slides.quality q
    set counts = q.legible and slides.charted(new.state) and q.stain = coalesce(new.stain, '')
    where q.slide = new.slide and q.counts is distinct from
        (q.legible and slides.charted(new.state) and q.stain = coalesce(new.stain, ''));
    return null;
end $$;
create trigger followed after update of state, stain on slides.standing
    for each row when (old.state <> new.state or old.stain is distinct from new.stain)
    execute function slides.follow_standing();
alter table slides.standing enable always trigger followed;

create function slides.day_of(on_day date, on_scanner text, of_stain text)
    returns table (slides integer, measured integer[], spread real[])
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select count(*)::integer,
        array[count(q.white), count(q."cast"), count(q.angle), count(q.haematoxylin),
              count(q.second), count(q.focus), count(q.artefacts)]::integer[],
        array[
            coalesce(percentile_cont(t.parts) within group (order by q.white), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q."cast"), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q.angle), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q.haematoxylin), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q.second), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q.focus), t.none),
            coalesce(percentile_cont(t.parts) within group (order by q.artefacts), t.none)
        ]::real[]
    from slides.quality q cross join (values
        (array[0.1, 0.5, 0.9]::float8[], array[null, null, null]::float8[])) as t (parts, none)
    where q.counts and q.day = on_day and q.scanner = on_scanner and q.stain = of_stain
    group by t.parts, t.none $$;

-- What the charts read: the lines as they are kept, and those that are out of date summed anew.
create view slides.quality_days with (security_invoker = true) as
select d.day, d.scanner, d.stain, d.slides, d.measured, d.spread from slides.quality_day d
where not exists (select from slides.quality_changed c
    where c.day = d.day and c.scanner = d.scanner and c.stain = d.stain)
union all
select c.day, c.scanner, c.stain, s.slides, s.measured, s.spread
from (select distinct day, scanner, stain from slides.quality_changed) c
cross join lateral slides.day_of(c.day, c.scanner, c.stain) s;

-- Sums up to so many lines anew and says how many. What somebody writes meanwhile is not lost: it
-- has noted its day, and that note is not seen here before it is.
create function slides.settle_quality(most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    one record;
    settled integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('slides.settle_quality'));
    for one in select distinct c.day, c.scanner, c.stain from slides.quality_changed c limit most
    loop
        delete from slides.quality_changed c
        where c.day = one.day and c.scanner = one.scanner and c.stain = one.stain;
        delete from slides.quality_day d
        where d.day = one.day and d.scanner = one.scanner and d.stain = one.stain;
        insert into slides.quality_day (day, scanner, stain, slides, measured, spread)
        select one.day, one.scanner, one.stain, s.slides, s.measured, s.spread
        from slides.day_of(one.day, one.scanner, one.stain) s;
        settled := settled + 1;
    end loop;
    return settled;
end $$;
revoke execute on function slides.settle_quality(integer) from public;
grant execute on function slides.settle_quality(integer) to countersign_room;

-- Figures of a slide are for those who see the slide; those of days are of the whole department and
-- of no patient, and only for what has the whole in view.
alter table slides.quality enable row level security;
create policy seen on slides.quality to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = quality.slide))
    with check ((select house.scope_whole()));
alter table slides.quality_day enable row level security;
create policy seen on slides.quality_day for select to countersign_room using (
    (select house.scope_whole()));
alter table slides.quality_changed enable row level security;
create policy seen on slides.quality_changed for select to countersign_room using (
    (select house.scope_whole()));
alter table slides.quality_taken enable row level security;
create policy seen on slides.quality_taken to countersign_room using (
    (select house.scope_whole()));

grant select on slides.quality, slides.quality_day, slides.quality_changed, slides.quality_days,
    slides.quality_taken to countersign_room;
grant insert (slide, legible, white, "cast", angle, haematoxylin, second, focus, artefacts, blur,
    fold, pen, tissue_mm2) on slides.quality to countersign_room;
grant update (legible, white, "cast", angle, haematoxylin, second, focus, artefacts, blur, fold,
    pen, tissue_mm2) on slides.quality to countersign_room;
grant update (below, waiting) on slides.quality_taken to countersign_room;
