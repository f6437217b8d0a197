-- People: who stands in for whom while on leave, and "on behalf of" under a signature; labels
-- that people and rules set; labels and refusals among the coarse rules of the database.

-- ── Delegation ─────────────────────────────────────────────────────────────────────────────
-- A row counts from its acceptance. What was entered before this was accepted by nobody and
-- counts no more.
alter table identity.delegation
    add column suite smallint,
    add column key_id bigint,
    add column box bytea,  -- the reason, sealed: it may tell of an illness
    add column appointed_at timestamptz not null default clock_timestamp(),
    add column accepted_at timestamptz,
    add column declined_at timestamptz,
    add column ended_by text references identity.person (id),
    add constraint delegation_sealed check (num_nulls(suite, key_id, box) in (0, 3)),
    add constraint delegation_pair unique (id, to_id, from_id);

-- Whether a person is here and holds a licence of one of these kinds, valid on that day.
create function identity.licensed(_person text, _kinds text[], _day date) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from identity.licence l join identity.person p on p.id = l.person_id
        where l.person_id = _person and l.kind = any (_kinds)
          and _day between l.valid_from and l.valid_to and p.left_at is null
          and not exists (select from identity.licence_revocation r where r.licence_id = l.id))
$$;
revoke execute on function identity.licensed(text, text[], date) from public;

-- Nobody stands in without a licence of the right kind; and leave and standing in do not overlap
-- in one person: otherwise work would pass on, or fall between two.
create function identity.check_pair(given identity.delegation) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    medical text[] := array['physician', 'senior_physician'];
    day date := (greatest(given.starts, clock_timestamp())
                 at time zone (select zone from house.calendar))::date;
    other identity.delegation;
begin
    if not (identity.licensed(given.from_id, medical, day)
            and identity.licensed(given.to_id, medical, day)
            or identity.licensed(given.from_id, array['pathologist'], day)
            and identity.licensed(given.to_id, array['pathologist'], day)) then
        raise exception 'no licence of the right kind' using errcode = 'CSD04';
    end if;
    for other in
        select * from identity.delegation g
        where g.id <> given.id and g.declined_at is null and g.revoked_at is null
          and g.ends > clock_timestamp() and g.starts < given.ends and given.starts < g.ends
    loop
        if other.from_id = given.from_id then
            raise exception 'two delegations at one time' using errcode = 'CSD01';
        elsif other.to_id = given.from_id and other.accepted_at is not null then
            raise exception 'stands in for somebody at that time' using errcode = 'CSD02';
        elsif other.from_id = given.to_id then
            raise exception 'the colleague is away as well' using errcode = 'CSD03';
        end if;
    end loop;
end $$;
revoke execute on function identity.check_pair(identity.delegation) from public;

-- Appointed, then accepted or declined, then perhaps ended: once each, at the database's time.
create function identity.keep_delegation() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    sealed text[] := array['suite', 'key_id', 'box'];
    steps text[] := array['accepted_at', 'declined_at', 'revoked_at', 'ended_by'];
    moment timestamptz := clock_timestamp();
begin
    if tg_op = 'DELETE' then
        raise exception 'a delegation stays written' using errcode = 'CSA01';
    end if;
    if tg_op = 'UPDATE' and (to_jsonb(new) - sealed) = (to_jsonb(old) - sealed) and exists (
            select from vault.resealing r where r.transaction = pg_current_xact_id()
            and r.name = 'identity.delegation') then
        return new;  -- the same words under a newer key
    end if;
    -- One after the other, so that no two that overlap slip in side by side.
    perform pg_advisory_xact_lock(73117);
    if tg_op = 'INSERT' then
        if new.box is null then
            raise exception 'a reason is given' using errcode = 'CSD06';
        end if;
        new.appointed_at := moment;
        new.starts := greatest(new.starts, moment);
        if new.ends <= new.starts then
            raise exception 'it is over before it begins' using errcode = 'CSD05';
        end if;
        new.accepted_at := null;
        new.declined_at := null;
        new.revoked_at := null;
        new.ended_by := null;
        perform identity.check_pair(new);
        return new;
    end if;
    if (to_jsonb(new) - steps) is distinct from (to_jsonb(old) - steps)
       or old.declined_at is not null or old.revoked_at is not null
       or num_nonnulls(new.accepted_at, new.declined_at, new.revoked_at)
          <> num_nonnulls(old.accepted_at) + 1
       or old.accepted_at is not null
          and (new.accepted_at is distinct from old.accepted_at or new.declined_at is not null)
       or (new.revoked_at is null) <> (new.ended_by is null) then
        raise exception 'a delegation stays written' using errcode = 'CSA01';
    end if;
    if old.ends <= moment then
        raise exception 'the time is over' using errcode = 'CSD05';
    end if;
    if new.revoked_at is not null then
        if new.ended_by not in (old.from_id, old.to_id) then
            raise exception 'only the two of it end it' using errcode = 'CSD07';
        end if;
        new.revoked_at := moment;
    elsif new.declined_at is not null then
        new.declined_at := moment;
    else
        perform identity.check_pair(new);
        new.accepted_at := moment;
    end if;
    return new;
end $$;
create trigger kept before insert or update or delete on identity.delegation
    for each row execute function identity.keep_delegation();
alter table identity.delegation enable always trigger kept;
grant update (accepted_at, declined_at, ended_by) on identity.delegation to countersign_identity;

-- Whether a delegation counts at this very moment.
create function identity.stands_in(_delegation text, _to text, _from text) returns boolean
    language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from identity.delegation g join identity.person p on p.id = g.from_id
        where g.id = _delegation and g.to_id = _to and g.from_id = _from
          and g.accepted_at is not null and g.declined_at is null and g.revoked_at is null
          and g.starts <= clock_timestamp() and g.ends > clock_timestamp()
          and p.left_at is null)
$$;
-- Whether a patient is a person's own: by department or duty (only the care, where not
-- ``whole``), by the care team, or by care that is kept here. What was delegated to the person
-- does not count, so that nothing is passed on.
create function identity.is_own(_person text, _patient text, whole boolean) returns boolean
    language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from chart.patient p where p.patient = _patient and (
            p.care_team @> array[_person]
            or whole and exists (select from identity.membership m
                where m.person_id = _person and m.department = any (p.departments)
                  and m.starts <= clock_timestamp()
                  and (m.ends is null or m.ends > clock_timestamp()))))
    or exists (select from identity.care c
        where c.person_id = _person and c.patient = _patient and c.starts <= clock_timestamp()
          and (c.ends is null or c.ends > clock_timestamp()))
$$;
revoke execute on function identity.stands_in(text, text, text),
    identity.is_own(text, text, boolean) from public;

alter table signoff.signature
    add column on_behalf_of text,
    add column delegation_id text,
    add constraint signature_behalf check (
        (on_behalf_of is null) = (delegation_id is null) and on_behalf_of <> signer_id),
    add constraint signature_delegation foreign key (delegation_id, signer_id, on_behalf_of)
        references identity.delegation (id, to_id, from_id);

-- Nobody signs on behalf of a colleague who is not away now, whose patient it is not, or who
-- could not sign it; and who sees a patient for a colleague alone says so.
create function signoff.check_behalf() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    kinds text[];
    earlier signoff.signature;
    lending text;
begin
    select signer_kinds into strict kinds from signoff.draft where id = new.draft_id;
    if new.ordinal = 2 then
        kinds := array(select unnest(kinds) except select 'physician');
        select * into earlier from signoff.signature s
            where s.draft_id = new.draft_id and s.ordinal = 1;
        if new.on_behalf_of in (earlier.signer_id, earlier.on_behalf_of)
           or new.signer_id = earlier.on_behalf_of then
            raise exception 'nobody signs twice through a colleague' using errcode = 'CSD12';
        end if;
    end if;
    if new.on_behalf_of is null then
        if not identity.is_own(new.signer_id, new.patient, true)
           and not exists (select from identity.duty d join chart.patient p
                   on d.department = any (p.departments)
               where d.person_id = new.signer_id and p.patient = new.patient
                 and d.starts <= clock_timestamp() and d.ends > clock_timestamp())
           and exists (select from identity.delegation g where g.to_id = new.signer_id
                 and identity.stands_in(g.id, g.to_id, g.from_id)
                 and identity.is_own(g.from_id, new.patient, g.kind = 'inbox')) then
            raise exception 'whoever stands in says for whom' using errcode = 'CSD13';
        end if;
        return new;
    end if;
    if not identity.stands_in(new.delegation_id, new.signer_id, new.on_behalf_of) then
        raise exception 'no delegation at this moment' using errcode = 'CSD10';
    end if;
    if not identity.licensed(new.on_behalf_of, kinds, house.today()) then
        raise exception 'the absent colleague could not sign it' using errcode = 'CSD11';
    end if;
    select kind into strict lending from identity.delegation where id = new.delegation_id;
    if not identity.is_own(new.on_behalf_of, new.patient, lending = 'inbox') then
        raise exception 'not a patient of the absent colleague' using errcode = 'CSD14';
    end if;
    return new;
end $$;
create trigger on_behalf before insert on signoff.signature
    for each row execute function signoff.check_behalf();
alter table signoff.signature enable always trigger on_behalf;

-- Once more at the commit: an end that was written meanwhile holds the ledger's head before this
-- leaf or after it. And the leaf says the same as the row.
create function signoff.settle_behalf() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.on_behalf_of is not null
       and not identity.stands_in(new.delegation_id, new.signer_id, new.on_behalf_of) then
        raise exception 'no delegation at this moment' using errcode = 'CSD10';
    end if;
    if not exists (
            select from ledger.event e
            where e.subject = 'draft:' || new.draft_id
              and e.kind in ('draft-signed', 'draft-rejected')
              and e.actor = 'person:' || new.signer_id
              and e.xmin = pg_current_xact_id()::xid
              and convert_from(e.body, 'UTF8')::jsonb #>> '{detail,on_behalf_of}'
                  is not distinct from 'person:' || new.on_behalf_of) then
        raise exception 'the leaf says otherwise' using errcode = 'CSG12';
    end if;
    return null;
end $$;
create constraint trigger settled_behalf after insert on signoff.signature
    deferrable initially deferred for each row execute function signoff.settle_behalf();
alter table signoff.signature enable always trigger settled_behalf;

-- Nor does anybody adjudicate what was decided in their own place.
create or replace function signoff.check_step() returns trigger
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
    if new.senior_id in (dispute.first_id, dispute.second_id) or exists (
            select from signoff.signature s
            where s.draft_id in (dispute.draft_id, dispute.counter_id)
              and s.on_behalf_of = new.senior_id) then
        raise exception 'nobody adjudicates their own case' using errcode = 'CSS04';
    end if;
    if new.kind = 'decided' and last.senior_id is distinct from new.senior_id then
        raise exception 'another senior was named' using errcode = 'CSS04';
    end if;
    return new;
end $$;

-- ── Labels ─────────────────────────────────────────────────────────────────────────────────
-- What restricts an entry (chart.current.sensitivity) is what its sender said (``sent``), what
-- the hospital's rules add (``ruled``) and what people set; less what people removed. The newest
-- decision of a person stands above the rules and the senders, until the next.
alter table chart.current add column sent text[], add column ruled text[];

create or replace function chart.only_forward() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    labels text[] := array['sensitivity', 'sent', 'ruled'];
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
    if new.version = old.version and (to_jsonb(new) - labels) = (to_jsonb(old) - labels)
       and row(new.sensitivity, new.sent, new.ruled)
           is distinct from row(old.sensitivity, old.sent, old.ruled) then
        return new;  -- the same version under other labels
    end if;
    if new.version <= old.version or new.type <> old.type or new.id <> old.id then
        raise exception 'a current version only moves forward' using errcode = 'CSC01';
    end if;
    if new.patient is distinct from old.patient then
        raise exception 'a resource stays with its patient' using errcode = 'CSC02';
    end if;
    return new;
end $$;
update chart.current set sent = sensitivity where sensitivity <> '{}';

create table chart.label_decision (
    id text primary key,
    number bigint generated always as identity unique,
    patient text not null references chart.patient (patient),
    type text not null,
    resource text not null,
    label text not null check (label in ('PSY', 'HIV', 'GDIS', 'EMP')),
    decision text not null check (decision in ('set', 'removed')),
    actor text not null,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the reason, sealed
    at timestamptz not null default clock_timestamp(),
    foreign key (type, resource) references chart.current (type, id)
);
create index on chart.label_decision (patient, type, resource, label, number desc);
select house.seal('chart.label_decision');

create function chart.check_label() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.at := clock_timestamp();
    if not exists (select from chart.current c where c.type = new.type and c.id = new.resource
                   and c.patient = new.patient) then
        raise exception 'a label stands on an entry of its own patient' using errcode = 'CSC03';
    end if;
    return new;
end $$;
create trigger checked before insert on chart.label_decision
    for each row execute function chart.check_label();
alter table chart.label_decision enable always trigger checked;

create table chart.label_rule (
    id text primary key,
    label text not null check (label in ('PSY', 'HIV', 'GDIS', 'EMP')),
    kind text not null check (kind in ('department', 'code')),
    value text not null check (value <> '' and length(value) <= 200),
    tokens bigint[] not null default '{}',  -- the keyed hashes by which a code is found
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    applied_at timestamptz,  -- when every chart had been gone through, since it began or ended
    ended_by text,
    ended_at timestamptz,
    check ((kind = 'code') = (tokens <> '{}')),
    check ((ended_by is null) = (ended_at is null))
);
create unique index on chart.label_rule (label, kind, value) where ended_at is null;

-- Patients whose entries are to be gone through, because a visit came after what belongs to it.
create table chart.label_due (
    patient text primary key references chart.patient (patient),
    taken boolean not null default false  -- being gone through; what is noted meanwhile clears it
);
grant select, insert, update, delete on chart.label_due to countersign_receiver;

create function chart.keep_label_rule() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    steps text[] := array['applied_at', 'ended_by', 'ended_at'];
begin
    if tg_op = 'DELETE' or (to_jsonb(new) - steps) is distinct from (to_jsonb(old) - steps)
       or old.ended_at is not null
          and row(new.ended_at, new.ended_by) is distinct from row(old.ended_at, old.ended_by) then
        raise exception 'a rule is ended, never changed' using errcode = 'CSA01';
    end if;
    return new;
end $$;
create trigger kept before update or delete on chart.label_rule
    for each row execute function chart.keep_label_rule();
alter table chart.label_rule enable always trigger kept;

grant select on chart.label_decision, chart.label_rule
    to countersign_room, countersign_receiver, countersign_sender;
grant insert on chart.label_decision, chart.label_rule to countersign_receiver;
grant update (applied_at, ended_by, ended_at) on chart.label_rule to countersign_receiver;
alter table chart.label_decision enable row level security;
create policy seen on chart.label_decision for select
    to countersign_room, countersign_receiver, countersign_sender using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[]));
create policy decided on chart.label_decision for insert to countersign_receiver
    with check ((select house.scope_whole()));

-- A draft bears the labels of what it rests on, those that come later too.
create table signoff.draft_label (
    draft_id text not null references signoff.draft (id),
    label text not null,
    primary key (draft_id, label)
);
create function signoff.follow_labels() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into signoff.draft_label (draft_id, label)
    select distinct substr(e.source, 7), added.label
    from unnest(new.sensitivity) as added (label)
    cross join generate_series(1, new.version) as one (version)
    join signoff.edge e
        on e.target = 'version:' || new.type || '/' || new.id || '/_history/' || one.version
    where not added.label = any (old.sensitivity) and e.source like 'draft:%'
    on conflict do nothing;
    return null;
end $$;
create trigger followed after update on chart.current for each row
    when (new.version = old.version and new.sensitivity is distinct from old.sensitivity)
    execute function signoff.follow_labels();
alter table chart.current enable always trigger followed;
select house.seal('signoff.draft_label');
grant select on signoff.draft_label to
    countersign_room, countersign_signer, countersign_sender, countersign_auditor;

create or replace view signoff.state with (security_invoker = true) as
select d.id, d.room, d.kind, d.patient, d.risk, d.urgency, d.signer_kinds, d.topic,
       d.model_name || '@' || d.model_version as model, encode(d.sha256, 'hex') as sha256,
       d.proposed_at, d.expires_at, d.corrects,
       case
           when r.id is not null then 'released'
           when first.decision = 'rejected' or second.decision = 'rejected' then 'rejected'
           when e.cause = 'time' then 'expired'
           when e.cause = 'superseded' then 'superseded'
           when first.id is not null and d.risk = 'high' and second.id is null
               then 'countersignature'
           when first.id is not null then 'signed'
           else 'open'
       end as state,
       coalesce(second.signed_at, first.signed_at, e.at) as decided_at,
       first.signer_id as first_signer, second.signer_id as second_signer,
       first.decision, coalesce(second.reason_code, first.reason_code) as reason_code,
       r.id as release_id, r.released_at, e.newer_id,
       case when d.sensitivity is not null then d.sensitivity || array(
           select l.label from signoff.draft_label l where l.draft_id = d.id) end as sensitivity
from signoff.draft d
left join signoff.signature first on first.draft_id = d.id and first.ordinal = 1
left join signoff.signature second on second.draft_id = d.id and second.ordinal = 2
left join signoff.expiry e on e.draft_id = d.id
left join release.released r on r.draft_id = d.id;

create or replace function signoff.about(_draft text)
    returns table (patient text, room text, kind text, departments text[], care_team text[],
                   sensitivity text[], refused text[])
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select d.patient, d.room, d.kind, p.departments, p.care_team,
           case when d.sensitivity is null then p.labels
                else p.sensitivity || d.sensitivity || array(
                    select l.label from signoff.draft_label l where l.draft_id = d.id) end,
           p.refused
    from signoff.draft d join chart.patient p on p.patient = d.patient
    where d.id = _draft and house.scope_given()
$$;

-- ── Labels and refusals among the coarse rules ─────────────────────────────────────────────
-- A department alone opens no chart that is closed as a whole, nor that of a patient who refuses
-- one of the departments of whoever asks; other systems too. EMP closes to people alone.
create function house.scope_closed() returns text[] language sql stable as $$
    select case when house.scope_person() is null then array['PSY', 'HIV', 'GDIS']
                else array['PSY', 'HIV', 'GDIS', 'EMP'] end
$$;
create function house.scope_refusals() returns text[] language sql stable as $$
    select array(select 'department:' || code from unnest(house.scope_departments()) as code)
$$;
grant select (sensitivity, refused) on chart.patient to countersign_signer;

alter policy seen on chart.patient using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
       and not sensitivity && (select house.scope_closed())
       and not refused && (select house.scope_refusals())
    or care_team && (select house.scope_people()));
create or replace view chart.seen_patient as select * from chart.patient where
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
       and not sensitivity && (select house.scope_closed())
       and not refused && (select house.scope_refusals())
    or care_team && (select house.scope_people());
create or replace view chart.seen_current as select * from chart.current c where
    (select house.scope_whole())
    or c.patient is null and (select house.scope_given())
    or c.patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = c.patient
               and (p.departments && (select house.scope_departments())
                    and not p.sensitivity && (select house.scope_closed())
                    and not p.refused && (select house.scope_refusals())
                    or p.care_team && (select house.scope_people())));

-- Who records what this adds.
select ledger.permit('delegation-accepted', 'countersign_identity');
select ledger.permit('delegation-declined', 'countersign_identity');
select ledger.permit('label-changed', 'countersign_receiver');
select ledger.permit('label-rule-changed', 'countersign_receiver');

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('identity.delegation', $$'delegation/' || id$$);
select vault.declare_sealed('chart.label_decision', $$'label/' || id$$);
