-- The safety loop: what rests on what, recalls, adjudication, reading times, own impressions.
-- Nothing here signs or releases. Whatever was written stays: every table is append-only.

-- ── What rests on what ─────────────────────────────────────────────────────────────────────
-- An edge leads from what came later to what it rests on. Nodes are named by kind:
--   draft:<id>  signature:<id>  release:<id>  version:<Type>/<id>/_history/<n>
--   model:<name>@<version>  document:<name>@<version>
-- Rows come from triggers and from the function below alone, so that no program forgets one.
create table signoff.edge (
    source text not null,
    target text not null,
    patient text not null,
    primary key (target, source) include (patient)
);

-- The registry's state: what is recalled proposes nothing more and is signed no more.
create table models.recalled (
    node text primary key check (node ~ '^(model|document):.'),
    recall_id text not null unique,
    actor text not null,
    at timestamptz not null
);
create function models.is_recalled(_node text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from models.recalled where node = _node)
$$;
grant execute on function models.is_recalled(text) to public;

create table signoff.recall (
    id text primary key,
    node text not null unique references models.recalled (node),
    actor text not null,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the reason, sealed
    patients integer not null,
    drafts integer not null,
    signatures integer not null,
    releases integer not null,
    versions integer not null,
    started_at timestamptz not null
);
create table signoff.recall_touched (
    recall_id text not null references signoff.recall (id) deferrable initially deferred,
    node text not null,
    patient text not null,
    primary key (node, recall_id)
);
create index on signoff.recall_touched (recall_id, node);

-- One for each signature under an answer that the recall reaches.
create table signoff.recall_task (
    id text primary key,
    recall_id text not null references signoff.recall (id) deferrable initially deferred,
    signature_id text not null references signoff.signature (id),
    draft_id text not null references signoff.draft (id),
    patient text not null,
    assignee text not null,
    opened_at timestamptz not null,
    unique (recall_id, signature_id),
    unique (id, assignee)
);
create index on signoff.recall_task (assignee);
create index on signoff.recall_task (draft_id);
create table signoff.recall_answer (
    task_id text primary key,
    person_id text not null,
    answer text not null check (answer in ('stands', 'corrected', 'withdrawn')),
    correction_id text references signoff.draft (id),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- what the signer says about it, sealed
    at timestamptz not null default clock_timestamp(),
    check ((answer = 'stands') = (correction_id is null)),
    foreign key (task_id, person_id) references signoff.recall_task (id, assignee)
);
create table signoff.recall_closing (
    recall_id text primary key references signoff.recall (id) deferrable initially deferred,
    at timestamptz not null default clock_timestamp()
);

-- A recall closes when every task is answered and not before.
create function signoff.check_closing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from signoff.recall_task t where t.recall_id = new.recall_id
               and not exists (select from signoff.recall_answer a where a.task_id = t.id)) then
        raise exception 'a task of this recall is not answered' using errcode = 'CSS01';
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.recall_closing
    for each row execute function signoff.check_closing();
alter table signoff.recall_closing enable always trigger checked;

-- An answer that a recall reaches may be corrected although its model is recalled.
create function signoff.refuse_recalled(_node text, _corrects text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if models.is_recalled(_node) and not exists (
            select from signoff.recall_task t where t.draft_id = _corrects) then
        raise exception '% is recalled', _node using errcode = 'CSG14';
    end if;
end $$;
revoke execute on function signoff.refuse_recalled(text, text) from public;

create function signoff.trace_draft() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    model text := 'model:' || new.model_name || '@' || new.model_version;
begin
    -- A recall that began meanwhile is waited for.
    perform pg_advisory_xact_lock_shared(73114);
    perform signoff.refuse_recalled(model, new.corrects);
    insert into signoff.edge (source, target, patient)
    values ('draft:' || new.id, model, new.patient);
    return null;
end $$;
create trigger traced after insert on signoff.draft
    for each row execute function signoff.trace_draft();
alter table signoff.draft enable always trigger traced;

create function signoff.trace_signature() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    draft signoff.draft;
    thing text;
begin
    perform pg_advisory_xact_lock_shared(73114);
    select * into strict draft from signoff.draft where id = new.draft_id;
    if new.decision <> 'rejected' then
        perform signoff.refuse_recalled(
            'model:' || draft.model_name || '@' || draft.model_version, draft.corrects);
        for thing in select r.node from models.recalled r join signoff.edge e
                on e.target = r.node and e.source = 'draft:' || draft.id loop
            perform signoff.refuse_recalled(thing, draft.corrects);
        end loop;
    end if;
    insert into signoff.edge (source, target, patient)
    values ('signature:' || new.id, 'draft:' || new.draft_id, new.patient);
    return null;
end $$;
create trigger traced after insert on signoff.signature
    for each row execute function signoff.trace_signature();
alter table signoff.signature enable always trigger traced;

create function release.trace_released() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(73114);
    insert into signoff.edge (source, target, patient)
    select 'release:' || new.id, 'signature:' || signature, new.patient
    from unnest(array[new.signature_id, new.second_signature_id]) as signature
    where signature is not null;
    return null;
end $$;
create trigger traced after insert on release.released
    for each row execute function release.trace_released();
alter table release.released enable always trigger traced;

create function release.trace_version() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    written text := 'version:' || new.type || '/' || new.id || '/_history/' || new.version;
begin
    insert into signoff.edge (source, target, patient)
    values (written, 'release:' || new.release_id, new.patient);
    -- What was signed before a recall and is released only now is labelled as well.
    insert into signoff.recall_touched (recall_id, node, patient)
    select distinct t.recall_id, node, new.patient
    from release.released r join signoff.recall_task t on t.draft_id = r.draft_id
    cross join unnest(array[written, 'release:' || r.id]) as node
    where r.id = new.release_id
    on conflict do nothing;
    return null;
end $$;
create trigger traced after insert on chart.version
    for each row when (new.origin = 'released') execute function release.trace_version();
alter table chart.version enable always trigger traced;

-- Drafts from before this migration, whose inputs are sealed; the worker opens and traces them.
create table signoff.untraced (
    draft_id text primary key references signoff.draft (id)
);
insert into signoff.untraced select id from signoff.draft;

-- What a draft was given: nodes, or 'version:Type/id' for the version that is current now.
-- Only in the transaction that proposes the draft, or once for one from before.
create function signoff.trace_inputs(_draft text, _targets text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    draft signoff.draft;
    fresh boolean;
    thing text;
begin
    select * into strict draft from signoff.draft where id = _draft;
    select d.xmin = pg_current_xact_id()::xid into strict fresh
        from signoff.draft d where d.id = _draft;
    if not fresh then
        delete from signoff.untraced where draft_id = _draft;
        if not found then
            raise exception 'what a draft rests on is said when it is proposed'
                using errcode = 'CSG15';
        end if;
    else
        foreach thing in array _targets loop
            perform signoff.refuse_recalled(thing, draft.corrects);
        end loop;
    end if;
    insert into signoff.edge (source, target, patient)
    select distinct 'draft:' || _draft,
        case when target ~ '^version:[A-Za-z]+/[A-Za-z0-9.-]+$'
             then coalesce((select target || '/_history/' || c.version from chart.current c
                            where 'version:' || c.type || '/' || c.id = target
                              and c.type = split_part(substr(target, 9), '/', 1)
                              and c.id = split_part(target, '/', 2)), target)
             else target end,
        draft.patient
    from unnest(_targets) as target
    where target ~ '^(version|document|model):.'
    on conflict do nothing;
end $$;
revoke execute on function signoff.trace_inputs(text, text[]) from public;

insert into signoff.edge (source, target, patient)
    select 'draft:' || id, 'model:' || model_name || '@' || model_version, patient
    from signoff.draft
    union all
    select 'signature:' || id, 'draft:' || draft_id, patient from signoff.signature
    union all
    select 'release:' || id, 'signature:' || signature, patient
    from release.released, unnest(array[signature_id, second_signature_id]) as signature
    where signature is not null
    union all
    select 'version:' || type || '/' || id || '/_history/' || version,
           'release:' || release_id, patient
    from chart.version where origin = 'released';

-- ── Rules that the quality office sets ─────────────────────────────────────────────────────
-- The newest of each name and subject is in force:
--   blind-share     <room>.<kind>   percent of its drafts for which an own impression comes first
--   senior          <department>    the person who adjudicates its cases
--   adjudication-hours  ''          how long a case may wait before it is escalated
--   notices         <person>        on or off: the notice about one's own reading times
create table signoff.rule (
    id bigint generated always as identity primary key,
    name text not null
        check (name in ('blind-share', 'senior', 'adjudication-hours', 'notices')),
    subject text not null,
    value text not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on signoff.rule (name, subject, id);

-- ── Own impressions before a draft is shown ────────────────────────────────────────────────
create table signoff.impression (
    draft_id text not null references signoff.draft (id),
    person_id text not null,
    kind text not null check (kind in ('recorded', 'shown-at-once')),
    urgency text check (urgency in ('routine', 'soon', 'urgent', 'critical')),
    agreement text check (agreement in ('agree', 'partly', 'disagree')),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the physician's own words, or the reason for showing at once
    at timestamptz not null default clock_timestamp(),
    primary key (draft_id, person_id),
    check ((kind = 'recorded') = (urgency is not null)),
    check ((kind = 'recorded') = (agreement is not null))
);

-- An impression is one's own only while the draft was never shown to that person.
create function signoff.check_impression() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from ledger.event e
               where e.kind = 'draft-viewed' and e.actor = 'person:' || new.person_id
                 and e.subject = 'draft:' || new.draft_id) then
        raise exception 'the draft was seen already' using errcode = 'CSS02';
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.impression
    for each row execute function signoff.check_impression();
alter table signoff.impression enable always trigger checked;

-- ── Adjudication ───────────────────────────────────────────────────────────────────────────
create table signoff.adjudication (
    id text primary key,
    draft_id text not null references signoff.draft (id),
    -- The other draft of the same topic, where one rejected what another accepted later.
    counter_id text references signoff.draft (id),
    patient text not null,
    cause text not null check (
        cause in ('high-risk-rejected', 'second-declined', 'accepted-after-rejection')),
    first_id text not null,
    second_id text check (second_id <> first_id),
    opened_at timestamptz not null default clock_timestamp(),
    unique (draft_id, cause)
);
-- Steps of a case, in order: named (a senior, until when), escalated (to another), decided.
create table signoff.adjudication_step (
    case_id text not null references signoff.adjudication (id) deferrable initially deferred,
    number integer not null check (number > 0),
    kind text not null check (kind in ('named', 'escalated', 'decided')),
    senior_id text,
    due_at timestamptz,
    outcome text check (outcome in ('rejection-stands', 'acceptance-stands', 'neither')),
    root text check (root in ('model-wrong', 'data-missing', 'guideline-unclear',
                              'judgement', 'communication')),
    suite smallint,
    key_id bigint,
    box bytea,  -- the reasoning of the outcome, sealed
    at timestamptz not null default clock_timestamp(),
    primary key (case_id, number),
    check ((kind = 'decided') = (outcome is not null)),
    check ((kind = 'decided') = (root is not null)),
    check ((kind = 'decided') = (box is not null)),
    check ((kind = 'decided') = (due_at is null)),
    check (kind <> 'decided' or senior_id is not null)
);
create unique index on signoff.adjudication_step (case_id) where kind = 'decided';

-- Whoever adjudicates is neither of the two, is the one last named, and decides once.
create function signoff.check_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    dispute signoff.adjudication;
    last signoff.adjudication_step;
begin
    select * into strict dispute from signoff.adjudication where id = new.case_id for update;
    select * into last from signoff.adjudication_step
        where case_id = new.case_id order by number desc limit 1;
    if new.number <> coalesce(last.number, 0) + 1
       or (new.kind = 'named') <> (last.number is null)
       or last.kind = 'decided' then
        raise exception 'not the next step of this case' using errcode = 'CSS03';
    end if;
    if new.senior_id in (dispute.first_id, dispute.second_id) then
        raise exception 'nobody adjudicates their own case' using errcode = 'CSS04';
    end if;
    if new.kind = 'decided' and last.senior_id is distinct from new.senior_id then
        raise exception 'another senior was named' using errcode = 'CSS04';
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.adjudication_step
    for each row execute function signoff.check_step();
alter table signoff.adjudication_step enable always trigger checked;

create view signoff.adjudication_state as
select c.*, s.kind as step, s.number, s.senior_id, s.due_at, s.outcome, s.root, s.suite,
       s.key_id, s.box, s.at as step_at,
       s.kind <> 'decided' and s.due_at < clock_timestamp() as overdue
from signoff.adjudication c
join lateral (select * from signoff.adjudication_step s where s.case_id = c.id
              order by s.number desc limit 1) s on true;

-- ── Reading times ──────────────────────────────────────────────────────────────────────────
create table signoff.vigilance (
    signature_id text primary key references signoff.signature (id),
    draft_id text not null,
    patient text not null,
    person_id text not null,
    departments text[] not null,
    model text not null,
    decision text not null,
    seconds real not null,
    expected_seconds real not null check (expected_seconds >= 0),
    at timestamptz not null default clock_timestamp()
);
create index on signoff.vigilance (at);
create index on signoff.vigilance (person_id, at);

-- From the first view of the half hour before the decision; the program does not say it.
create function signoff.measure_reading() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.at := clock_timestamp();
    select extract(epoch from new.at - min(e.at)) into new.seconds from ledger.event e
        where e.kind = 'draft-viewed' and e.actor = 'person:' || new.person_id
          and e.subject = 'draft:' || new.draft_id and e.at > new.at - interval '30 minutes';
    new.seconds := greatest(0, coalesce(new.seconds, 1800));
    return new;
end $$;
create trigger measured before insert on signoff.vigilance
    for each row execute function signoff.measure_reading();
alter table signoff.vigilance enable always trigger measured;

select house.seal(one) from unnest(array[
    'signoff.edge', 'models.recalled', 'signoff.recall', 'signoff.recall_touched',
    'signoff.recall_task', 'signoff.recall_answer', 'signoff.recall_closing', 'signoff.rule',
    'signoff.impression', 'signoff.adjudication', 'signoff.adjudication_step',
    'signoff.vigilance']::regclass[]) as one;

grant usage on schema signoff, release, chart to countersign_steward;
grant select (patient, departments) on chart.patient to countersign_steward;
create policy quality on chart.patient for select to countersign_steward
    using ((select house.scope_whole()));
create policy quality on signoff.signature for select to countersign_steward
    using ((select house.scope_whole()));
grant execute on function signoff.trace_inputs(text, text[]) to countersign_room;
grant select on signoff.edge, models.recalled, signoff.recall, signoff.recall_touched,
    signoff.recall_task, signoff.recall_answer, signoff.recall_closing, signoff.rule,
    signoff.impression, signoff.adjudication, signoff.adjudication_step,
    signoff.adjudication_state, signoff.vigilance
    to countersign_room, countersign_signer, countersign_steward, countersign_auditor;
grant select on signoff.untraced to countersign_room;
grant select (id, draft_id, patient, signer_id, decision) on signoff.signature
    to countersign_steward;
grant insert on models.recalled, signoff.recall, signoff.recall_touched, signoff.recall_task,
    signoff.recall_closing, signoff.rule to countersign_steward;
grant insert on signoff.recall_answer, signoff.recall_closing, signoff.impression,
    signoff.adjudication_step to countersign_room;
grant insert on signoff.adjudication, signoff.adjudication_step, signoff.vigilance
    to countersign_signer;

-- Who records what this adds.
select ledger.permit('recall-started', 'countersign_steward');
select ledger.permit('recall-answered', 'countersign_room');
select ledger.permit('recall-closed', 'countersign_room', 'countersign_steward');
select ledger.permit('case-opened', 'countersign_signer');
select ledger.permit('case-escalated', 'countersign_room');
select ledger.permit('case-decided', 'countersign_room');
select ledger.permit('impression-recorded', 'countersign_room');
select ledger.permit('shown-at-once', 'countersign_room');
select ledger.permit('safety-rule-changed', 'countersign_steward');

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('signoff.recall', $$'recall/' || id$$);
select vault.declare_sealed('signoff.recall_answer', $$'review/' || task_id$$);
select vault.declare_sealed('signoff.impression', $$'impression/' || draft_id || '/' || person_id$$);
select vault.declare_sealed('signoff.adjudication_step', $$'case/' || case_id$$);
