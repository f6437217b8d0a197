-- Whole slides: accepted for good before their file is acknowledged, matched, measured, corrected.
-- while serving: yes
create schema slides;
grant usage on schema slides to countersign_room;

-- One content, however often it comes. What the file is called may name a patient: see told.
create table slides.slide (
    id text primary key check (id <> ''),
    number bigint generated always as identity unique,
    sha256 bytea not null unique check (octet_length(sha256) = 32),
    bytes bigint not null check (bytes >= 0),
    layout text not null check (layout in ('file', 'mirax', 'instances')),
    suffix text not null check (suffix ~ '^[a-z0-9]{0,8}$'),
    kept boolean not null,  -- under the house's own folder; otherwise read where it was found
    how text not null check (how in ('folder', 'upload', 'command', 'c-store', 'stow')),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('slides.slide');

-- Which state may follow which; the first follows nothing.
create table slides.move (
    before text not null,
    after text not null,
    primary key (before, after)
);
insert into slides.move (before, after) values
    ('', 'queued'),
    ('queued', 'running'), ('queued', 'unmatched'), ('queued', 'damaged'), ('queued', 'failed'),
    ('queued', 'rescan'), ('queued', 'set-aside'),
    ('unmatched', 'queued'), ('unmatched', 'damaged'), ('unmatched', 'rescan'),
    ('unmatched', 'set-aside'),
    ('running', 'ready'), ('running', 'queued'), ('running', 'damaged'), ('running', 'failed'),
    ('running', 'rescan'), ('running', 'set-aside'), ('running', 'unmatched'),
    ('ready', 'draft'), ('ready', 'queued'), ('ready', 'unmatched'), ('ready', 'rescan'),
    ('ready', 'damaged'), ('ready', 'set-aside'),
    ('draft', 'ready'), ('draft', 'signed'), ('draft', 'rescan'),
    ('signed', 'draft'),
    ('damaged', 'queued'), ('damaged', 'set-aside'),
    ('failed', 'queued'), ('failed', 'set-aside'),
    ('rescan', 'queued'), ('rescan', 'set-aside'),
    ('set-aside', 'queued');
select house.seal('slides.move');

create table slides.step (
    slide text not null references slides.slide (id),
    number integer not null check (number > 0),
    state text not null,
    code text not null default '' check (code ~ '^[a-z0-9._-]{0,100}$'),
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (slide, number)
);
select house.seal('slides.step');

-- Whose it is and what was done to it; a later one stands in place of an earlier.
create table slides.match (
    slide text not null references slides.slide (id),
    number integer not null check (number > 0),
    patient text not null check (patient <> ''),
    stain text not null check (stain ~ '^[a-z0-9-]{1,40}$'),
    how text not null check (how in ('barcode', 'text', 'name', 'dicom', 'given', 'hand')),
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- accession, block, the specimen and the order in the chart
    primary key (slide, number)
);
select house.seal('slides.match');

-- Where each slide stands now: kept by the triggers of step and match, changed by nobody else.
create table slides.standing (
    slide text primary key references slides.slide (id),
    number bigint not null,
    state text not null,
    code text not null,
    step integer not null,
    changed_at timestamptz not null,
    patient text,
    stain text,
    matched integer not null default 0
);
create index on slides.standing (state, number);
create index on slides.standing (patient);

create function slides.check_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before slides.standing;
begin
    perform pg_advisory_xact_lock(hashtext('slides.step/' || new.slide));
    select * into before from slides.standing s where s.slide = new.slide;
    if not exists (select from slides.move m
                   where m.before = coalesce(before.state, '') and m.after = new.state) then
        raise exception 'a slide cannot go from % to %', before.state, new.state
            using errcode = 'CSP01';
    end if;
    new.number := coalesce(before.step, 0) + 1;
    if new.state in ('running', 'ready', 'draft', 'signed') and before.patient is null then
        raise exception 'nothing is measured before it is known whose it is' using errcode = 'CSP02';
    end if;
    insert into slides.standing (slide, number, state, code, step, changed_at)
    select new.slide, l.number, new.state, new.code, new.number, new.at
    from slides.slide l where l.id = new.slide
    on conflict (slide) do update set state = excluded.state, code = excluded.code,
        step = excluded.step, changed_at = excluded.changed_at;
    return new;
end $$;
create trigger checked before insert on slides.step
    for each row execute function slides.check_step();
alter table slides.step enable always trigger checked;

create function slides.check_match() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before slides.standing;
begin
    perform pg_advisory_xact_lock(hashtext('slides.step/' || new.slide));
    select * into before from slides.standing s where s.slide = new.slide;
    if before.state in ('running', 'draft', 'signed') then
        raise exception 'what is measured or drafted is not given to another' using errcode = 'CSP03';
    end if;
    if new.number <> before.matched + 1 then
        raise exception 'another match came first' using errcode = 'CSP07';
    end if;
    update slides.standing set patient = new.patient, stain = new.stain, matched = new.number
    where slide = new.slide;
    return new;
end $$;
create trigger checked before insert on slides.match
    for each row execute function slides.check_match();
alter table slides.match enable always trigger checked;

-- What the file and its label say: sealed under the slide's own key and, once it is known whose
-- it is, under that patient's, so that it is forgotten with the patient.
create table slides.told (
    slide text primary key references slides.slide (id),
    patient text not null check (patient <> ''),  -- under whose key it lies
    suite smallint not null,
    key_id bigint not null,
    box bytea not null
);

-- Files of the watched folder that were looked at, by a keyed hash of their place.
create table slides.seen (
    place bigint primary key,
    bytes bigint not null,
    changed bigint not null,  -- nanoseconds
    slide text not null references slides.slide (id)
);

-- What an opened slide says of itself.
create table slides.described (
    slide text primary key references slides.slide (id),
    format text not null check (length(format) between 1 and 40),
    width bigint not null check (width > 0),
    height bigint not null check (height > 0),
    levels integer not null check (levels > 0),
    mpp_x double precision,
    mpp_y double precision,
    scanner text not null check (length(scanner) <= 200),
    at timestamptz not null default clock_timestamp()
);
select house.seal('slides.described');

create table slides.run (
    id text primary key check (id <> ''),
    slide text not null references slides.slide (id),
    number bigint generated always as identity unique,
    patient text not null check (patient <> ''),  -- under whose key its results lie
    analysis text not null check (analysis <> ''),
    version text not null check (version <> ''),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on slides.run (slide, number desc);
select house.seal('slides.run');

-- How far it is: written by the job, for people who wait.
create table slides.progress (
    run text primary key references slides.run (id),
    done integer not null check (done >= 0),
    total integer not null check (total >= done),
    began timestamptz not null default clock_timestamp(),  -- this attempt
    began_done integer not null default 0,
    at timestamptz not null default clock_timestamp()
);

create table slides.outcome (
    run text primary key references slides.run (id),
    outcome text not null check (outcome in ('measured', 'damaged', 'rescan', 'failed', 'cancelled')),
    code text not null default '' check (code ~ '^[a-z0-9._-]{0,100}$'),
    nuclei bigint,
    nuclei_sha256 bytea check (octet_length(nuclei_sha256) = 32),
    findings_sha256 bytea check (octet_length(findings_sha256) = 32),
    at timestamptz not null default clock_timestamp(),
    check ((outcome = 'measured') =
        (nuclei is not null and nuclei_sha256 is not null and findings_sha256 is not null))
);
select house.seal('slides.outcome');

-- Files beside the database: the key of each stream, sealed. Parts go once the whole is there.
create table slides.stored (
    run text not null references slides.run (id),
    name text not null check (name ~ '^(plan|nuclei|findings|part-[0-9]{6})$'),
    file text not null check (file ~ '^[a-z0-9.-]{1,80}$'),
    bytes bigint not null check (bytes >= 0),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    at timestamptz not null default clock_timestamp(),
    primary key (run, name)
);
create function slides.keep_stored() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if old.name in ('nuclei', 'findings') and exists (
            select from slides.outcome o where o.run = old.run) then
        raise exception 'a result stays' using errcode = 'CSP04';
    end if;
    return old;
end $$;
create trigger kept before delete on slides.stored
    for each row execute function slides.keep_stored();
alter table slides.stored enable always trigger kept;

-- What people change of a result: added to, never changed, and closed by the signature.
create table slides.correction (
    slide text not null references slides.slide (id),
    number integer not null check (number > 0),
    run text not null references slides.run (id),
    kind text not null check (kind in ('threshold', 'region', 'nuclei', 'undo')),
    undoes integer,
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    primary key (slide, number),
    foreign key (slide, undoes) references slides.correction (slide, number),
    check ((kind = 'undo') = (undoes is not null)),
    check (undoes < number)
);
select house.seal('slides.correction');
create index on slides.correction (run);

create function slides.check_correction() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtext('slides.step/' || new.slide));
    if not exists (select from slides.standing s
                   where s.slide = new.slide and s.state in ('ready', 'draft')) then
        raise exception 'only what waits for a signature is corrected' using errcode = 'CSP05';
    end if;
    if new.run is distinct from (select r.id from slides.run r
            join slides.outcome o on o.run = r.id and o.outcome = 'measured'
            where r.slide = new.slide order by r.number desc limit 1) then
        raise exception 'another result stands there now' using errcode = 'CSP06';
    end if;
    if new.number <> 1 + coalesce(
            (select max(c.number) from slides.correction c where c.slide = new.slide), 0) then
        raise exception 'another correction came first' using errcode = 'CSP07';
    end if;
    return new;
end $$;
create trigger checked before insert on slides.correction
    for each row execute function slides.check_correction();
alter table slides.correction enable always trigger checked;

-- Slides of patients whom one sees; of those that nobody knows yet whose they are, the rights of
-- the person decide above.
alter table slides.standing enable row level security;
create policy seen on slides.standing for select to countersign_room using (
    (select house.scope_whole())
    or patient is null and (select house.scope_given())
    or exists (select from chart.patient p where p.patient = standing.patient));
alter table slides.slide enable row level security;
create policy seen on slides.slide for select to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = id));
create policy made on slides.slide for insert to countersign_room with check (
    (select house.scope_whole()));
alter table slides.step enable row level security;
create policy seen on slides.step to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = step.slide));
alter table slides.match enable row level security;
create policy seen on slides.match for select to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = match.slide));
create policy made on slides.match for insert to countersign_room with check (
    (select house.scope_whole())
    or exists (select from chart.patient p where p.patient = match.patient)
       and exists (select from slides.standing s where s.slide = match.slide));
alter table slides.told enable row level security;
create policy seen on slides.told to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = told.slide));
alter table slides.seen enable row level security;
create policy seen on slides.seen to countersign_room using ((select house.scope_whole()));
alter table slides.described enable row level security;
create policy seen on slides.described to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = described.slide));
alter table slides.run enable row level security;
create policy seen on slides.run to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = run.slide));
alter table slides.progress enable row level security;
create policy seen on slides.progress to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.run r where r.id = run));
alter table slides.outcome enable row level security;
create policy seen on slides.outcome to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.run r where r.id = run));
alter table slides.stored enable row level security;
create policy seen on slides.stored to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.run r where r.id = run));
alter table slides.correction enable row level security;
create policy seen on slides.correction to countersign_room using (
    (select house.scope_whole()) or exists (select from slides.standing s where s.slide = correction.slide));

grant select on slides.move, slides.standing to countersign_room;
grant select, insert on slides.slide, slides.step, slides.match, slides.described, slides.run,
    slides.outcome, slides.correction to countersign_room;
grant select, insert, update on slides.told, slides.seen, slides.progress to countersign_room;
grant select, insert, delete on slides.stored to countersign_room;

select ledger.permit('slide-arrived', 'countersign_room');
select ledger.permit('slide-matched', 'countersign_room');
select ledger.permit('slide-moved', 'countersign_room');
select ledger.permit('slide-measured', 'countersign_room');
select ledger.permit('slide-corrected', 'countersign_room');
select ledger.permit('slide-shown', 'countersign_ledger');
select ledger.permit('slides-listed', 'countersign_ledger');
insert into ledger.retained (kind, rule) values
    ('slide-arrived', 'record'), ('slide-matched', 'record'), ('slide-moved', 'record'),
    ('slide-measured', 'record'), ('slide-corrected', 'record'), ('slide-shown', 'process'),
    ('slides-listed', 'process');
select vault.declare_sealed('slides.match', $$'slide-match/' || slide || '/' || number$$);
select vault.declare_sealed('slides.told', $$'slide/' || slide$$);
select vault.declare_sealed('slides.stored', $$'stream/slide/' || run || '/' || name$$);
select vault.declare_sealed('slides.correction', $$'slide-correction/' || slide || '/' || number$$);
