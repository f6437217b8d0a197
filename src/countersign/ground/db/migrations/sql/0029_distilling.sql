-- Small models that the hospital distils: their plans and texts sealed, their steps kept.
-- while serving: yes
create schema distilling;
grant usage on schema distilling to countersign_room;

create table distilling.task (
    id text primary key check (id <> ''),
    work text not null check (work ~ '^[a-z][a-z0-9-]{0,39}$'),
    actor text not null check (actor <> ''),
    made_at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null  -- the plan: its name, labels, rungs and prices, sealed
);
create index on distilling.task (work, made_at);
select house.seal('distilling.task');

-- What the students learn from, in bundles. It is taken out when they are made.
create table distilling.text (
    task_id text not null references distilling.task (id),
    part text not null check (part in ('labelled', 'unlabelled', 'told')),
    place integer not null check (place >= 0),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    primary key (task_id, part, place)
);

create table distilling.student (
    task_id text primary key references distilling.task (id),
    name text not null check (name <> ''),
    version text not null check (version <> ''),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    holds boolean not null,  -- whether the frozen set lets it go live
    report jsonb not null,  -- counts and shares, no text
    made_at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the ladder itself and the examples that it passed upwards, sealed
    unique (name, version)
);
select house.seal('distilling.student');

-- What became of it. The newest step is its state.
create table distilling.step (
    id bigint generated always as identity primary key,
    task_id text not null references distilling.task (id),
    state text not null check (state in ('trained', 'failed', 'live', 'withdrawn')),
    reason text not null default '' check (reason ~ '^[a-z0-9._-]{0,100}$'),
    actor text not null check (actor <> ''),
    at timestamptz not null default clock_timestamp()
);
create index on distilling.step (task_id, id desc);
select house.seal('distilling.step');

create function distilling.check_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    now_at text;
begin
    perform pg_advisory_xact_lock(hashtext('distilling.step/' || new.task_id));
    now_at := coalesce((select s.state from distilling.step s where s.task_id = new.task_id
                        order by s.id desc limit 1), 'waiting');
    if (now_at, new.state) not in (
            ('waiting', 'trained'), ('waiting', 'failed'), ('trained', 'live'),
            ('live', 'withdrawn'), ('withdrawn', 'live')) then
        raise exception 'what is % cannot become %', now_at, new.state using errcode = 'CSD01';
    end if;
    if new.state = 'live' and not coalesce(
            (select s.holds from distilling.student s where s.task_id = new.task_id), false) then
        raise exception 'the frozen set refuses it' using errcode = 'CSD02';
    end if;
    return new;
end $$;
create trigger checked before insert on distilling.step
    for each row execute function distilling.check_step();
alter table distilling.step enable always trigger checked;

create view distilling.task_state with (security_invoker = true) as
select t.*, coalesce(s.state, 'waiting') as state, coalesce(s.reason, '') as reason, s.at,
       s.id as step, d.name, d.version, d.sha256, coalesce(d.holds, false) as holds, d.report
from distilling.task t
left join lateral (select id, state, reason, at from distilling.step where task_id = t.id
                   order by id desc limit 1) s on true
left join distilling.student d on d.task_id = t.id;

grant select, insert on distilling.task, distilling.student, distilling.step to countersign_room;
grant select, insert, delete on distilling.text to countersign_room;
grant select on distilling.task_state to countersign_room;

select ledger.permit('distillation-changed', 'countersign_room');
select ledger.permit('distillation-shown', 'countersign_ledger');
insert into ledger.retained (kind, rule) values
    ('distillation-changed', 'record'), ('distillation-shown', 'process');
select vault.declare_sealed('distilling.task', $$'distillation/' || id$$);
select vault.declare_sealed('distilling.text', $$'distillation/' || task_id || '/' || part || '/' || place$$);
select vault.declare_sealed('distilling.student', $$'student/' || task_id$$);
