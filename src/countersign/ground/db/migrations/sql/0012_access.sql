-- Who may see what, held by the database as well.
--
-- Every connection that reads charts or drafts says for whom: a scope of departments, a
-- person and patients, or the whole house for this installation's own programs. A connection
-- that says nothing sees nothing, so that a forgotten filter shows nothing. These are the
-- coarse rules of the policy (department, care team, named patients); what is finer is
-- decided by the policy alone.

-- The scope of this connection, set by ground/db/scope.py and by nothing else.
create function house.scope_whole() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('countersign.scope', true) = 'whole', false) $$;
create function house.scope_given() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('countersign.scope', true) <> '', false) $$;
create function house.scope_departments() returns text[] language sql stable parallel safe
    as $$ select coalesce(
        nullif(current_setting('countersign.departments', true), '')::text[], '{}') $$;
create function house.scope_people() returns text[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('countersign.people', true), '')::text[], '{}') $$;
create function house.scope_person() returns text language sql stable parallel safe
    as $$ select nullif(current_setting('countersign.person', true), '') $$;

-- A physician whom the policy does not let see a patient may open the chart for an hour at
-- most, for a stated reason, and a named reviewer judges it afterwards. The database keeps
-- the time: it writes the beginning and the end, and nothing moves the end but an earlier one.
create table identity.break_glass (
    id text primary key check (id <> ''),
    person_id text not null references identity.person (id),
    patient text not null check (patient <> ''),
    reason_code text not null check (reason_code in (
        'emergency', 'handover', 'consultation', 'patient-asked', 'other')),
    pierces text[] not null default '{}',  -- labels that were opened with a second thought
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the reason in the person's own words, sealed
    opened_at timestamptz not null,
    ends timestamptz not null,
    ended_at timestamptz,
    review_due timestamptz not null,
    check (ends > opened_at and ends <= opened_at + interval '1 hour'),
    check (ended_at is null or ended_at >= opened_at)
);
create index on identity.break_glass (person_id, ends);
create index on identity.break_glass (patient, opened_at);

create function identity.keep_break_glass() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked interval := new.ends - new.opened_at;
    sealed text[] := array['suite', 'key_id', 'box'];
begin
    if tg_op = 'DELETE' then
        raise exception 'what was opened stays written' using errcode = 'CSA01';
    end if;
    if tg_op = 'INSERT' then
        new.opened_at := clock_timestamp();
        new.ends := new.opened_at + least(asked, interval '1 hour');
        new.review_due := new.opened_at
            + case when cardinality(new.pierces) > 0 then interval '1 day'
                   else interval '3 days' end;
        new.ended_at := null;
        return new;
    end if;
    if (to_jsonb(new) - sealed) = (to_jsonb(old) - sealed) and exists (
            select from vault.resealing r where r.transaction = pg_current_xact_id()
            and r.name = 'identity.break_glass') then
        return new;  -- the same words under a newer key
    end if;
    if old.ended_at is not null
       or (to_jsonb(new) - 'ended_at') is distinct from (to_jsonb(old) - 'ended_at') then
        raise exception 'what was opened stays written' using errcode = 'CSA01';
    end if;
    new.ended_at := clock_timestamp();
    return new;
end $$;
create trigger kept before insert or update or delete on identity.break_glass
    for each row execute function identity.keep_break_glass();
alter table identity.break_glass enable always trigger kept;

-- The review names the reviewer, who is somebody else; it is written once.
create table identity.break_glass_review (
    opening_id text primary key references identity.break_glass (id),
    reviewer_id text not null references identity.person (id),
    outcome text not null check (outcome in ('justified', 'unjustified', 'follow-up')),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the reviewer's comment, sealed
    reviewed_at timestamptz not null default clock_timestamp()
);
select house.seal('identity.break_glass_review');

create function identity.check_review() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.reviewed_at := clock_timestamp();
    if exists (select from identity.break_glass g
               where g.id = new.opening_id and g.person_id = new.reviewer_id) then
        raise exception 'nobody reviews their own' using errcode = 'CSB01';
    end if;
    return new;
end $$;
create trigger checked before insert on identity.break_glass_review
    for each row execute function identity.check_review();
alter table identity.break_glass_review enable always trigger checked;

grant select, insert on identity.break_glass, identity.break_glass_review
    to countersign_identity;
grant update (ended_at) on identity.break_glass to countersign_identity;

-- While on leave a person leaves the reading and deciding to a named colleague, from and to. It
-- lends a relation (departments and care), never a licence.
create table identity.delegation (
    id text primary key check (id <> ''),
    from_id text not null references identity.person (id),
    to_id text not null references identity.person (id),
    kind text not null check (kind in ('inbox', 'care')),
    starts timestamptz not null,
    ends timestamptz not null check (ends > starts and ends <= starts + interval '92 days'),
    revoked_at timestamptz,
    check (from_id <> to_id)
);
create index on identity.delegation (to_id, ends);
create index on identity.delegation (from_id, ends);
grant select, insert on identity.delegation to countersign_identity;
grant update (revoked_at) on identity.delegation to countersign_identity;

-- Which charts a person has opened by break-glass at this very moment, whatever the programs
-- believe: an opening that is over is over here first.
create function identity.opened_now(_person text) returns text[]
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(patient), '{}') from identity.break_glass
    where person_id = _person and ended_at is null and ends > clock_timestamp()
$$;
revoke execute on function identity.opened_now(text) from public;
grant execute on function identity.opened_now(text) to
    countersign_room, countersign_receiver, countersign_signer, countersign_sender;

-- Named patients: those of the scope, and what the scope's person has opened.
create function house.scope_patients() returns text[] language sql stable as $$
    select coalesce(nullif(current_setting('countersign.patients', true), '')::text[], '{}')
        || case when house.scope_person() is null then '{}'::text[]
                else identity.opened_now(house.scope_person()) end
$$;

-- What patients refuse (from their Consent resources), and every label that stands anywhere in
-- the chart: those of the Patient itself close the whole chart, the others what they stand on.
alter table chart.current add column refused text[] not null default '{}';
alter table chart.patient
    add column refused text[] not null default '{}',  -- ai, research, teaching, department:…
    add column labels text[] not null default '{}';
update chart.patient set labels = sensitivity;
update chart.patient p set sensitivity = coalesce(
    (select c.sensitivity from chart.current c
     where c.type = 'Patient' and c.id = p.patient and not c.deleted), '{}')
    where p.sensitivity <> '{}';
drop index chart.current_patient_idx;
create index current_placing on chart.current (patient) where departments <> '{}'
    or care_team <> '{}' or sensitivity <> '{}' or via <> '{}' or refused <> '{}' or stay;

-- A draft bears the labels of what it rests on; one proposed before this is treated as resting
-- on everything in the chart.
alter table signoff.draft add column sensitivity text[];

-- What the policy must know of patients who are named, and of the owner of a resource that is
-- named: the way to a decision, without any content. Nothing here can be listed.
create function chart.facts(_patients text[])
    returns table (patient text, departments text[], care_team text[], sensitivity text[],
                   labels text[], refused text[])
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.patient, p.departments, p.care_team, p.sensitivity, p.labels, p.refused
    from chart.patient p
    where p.patient = any (_patients) and house.scope_given()
$$;
create function chart.facts_at(_type text, _id text)
    returns table (patient text, departments text[], care_team text[], sensitivity text[],
                   labels text[], refused text[])
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.patient, p.departments, p.care_team, coalesce(p.sensitivity, '{}') || c.sensitivity,
           p.labels, p.refused
    from chart.current c left join chart.patient p on p.patient = c.patient
    where c.type = _type and c.id = _id and house.scope_given()
$$;
revoke execute on function chart.facts(text[]), chart.facts_at(text, text) from public;
grant execute on function chart.facts(text[]), chart.facts_at(text, text) to
    countersign_room, countersign_receiver, countersign_signer, countersign_sender;

-- Charts. Rooms see the scope of who asks. The receiver must know of every resource what it
-- would overwrite or point at, and shows none; the sender sees the patient it writes about.
alter table chart.patient enable row level security;
create policy seen on chart.patient for select to countersign_room, countersign_signer using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
    or care_team && (select house.scope_people()));
create policy received on chart.patient for all to countersign_receiver
    using ((select house.scope_whole())) with check ((select house.scope_whole()));
create policy sent on chart.patient for all to countersign_sender
    using (patient = any ((select house.scope_patients())::text[]))
    with check (patient = any ((select house.scope_patients())::text[]));

alter table chart.current enable row level security;
create policy seen on chart.current for select to countersign_room, countersign_sender using (
    (select house.scope_whole())
    or patient is null and (select house.scope_given())
    or patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = current.patient));
create policy received on chart.current for all to countersign_receiver
    using ((select house.scope_whole())) with check ((select house.scope_whole()));
create policy sent on chart.current for all to countersign_sender
    using (patient = any ((select house.scope_patients())::text[]))
    with check (patient = any ((select house.scope_patients())::text[]));

drop policy read on chart.version;
create policy seen on chart.version for select to countersign_room, countersign_sender using (
    (select house.scope_whole())
    or patient is null and (select house.scope_given())
    or patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = version.patient));
create policy received on chart.version for select to countersign_receiver
    using ((select house.scope_whole()));

-- The same rows for lists: PostgreSQL evaluates a policy before any condition that might tell
-- of hidden rows (such as a search by hashed words), which would forbid the indexes that lists
-- need. A view without a barrier carries the same condition and lets them be used.
create view chart.seen_patient as select * from chart.patient where
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
    or care_team && (select house.scope_people());
create view chart.seen_current as select * from chart.current c where
    (select house.scope_whole())
    or c.patient is null and (select house.scope_given())
    or c.patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = c.patient
               and (p.departments && (select house.scope_departments())
                    or p.care_team && (select house.scope_people())));
grant select on chart.seen_patient, chart.seen_current to countersign_room;

-- Drafts and what became of them.
grant select (patient, departments, care_team) on chart.patient to countersign_signer;
alter table signoff.draft enable row level security;
create policy seen on signoff.draft for select
    to countersign_room, countersign_signer, countersign_sender using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = draft.patient));
create policy proposed on signoff.draft for insert to countersign_room
    with check ((select house.scope_whole()));
create policy audited on signoff.draft for select to countersign_auditor
    using ((select house.scope_whole()));

alter table signoff.signature enable row level security;
create policy seen on signoff.signature for select
    to countersign_room, countersign_signer, countersign_sender using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = signature.patient));
create policy signed on signoff.signature for insert to countersign_signer with check (
    (select house.scope_given())
    and (patient = any ((select house.scope_patients())::text[])
         or exists (select from chart.patient p where p.patient = signature.patient)));
create policy audited on signoff.signature for select to countersign_auditor
    using ((select house.scope_whole()));

alter table signoff.expiry enable row level security;
create policy seen on signoff.expiry for select
    to countersign_room, countersign_signer, countersign_sender using (
    (select house.scope_whole())
    or exists (select from signoff.draft d where d.id = expiry.draft_id));
create policy expired on signoff.expiry for insert to countersign_room
    with check ((select house.scope_whole()));
create policy audited on signoff.expiry for select to countersign_auditor
    using ((select house.scope_whole()));

-- Each person's own unfinished texts.
alter table signoff.working enable row level security;
create policy own on signoff.working for all to countersign_room
    using (person_id = (select house.scope_person()))
    with check (person_id = (select house.scope_person()));

alter table release.released enable row level security;
create policy seen on release.released for select
    to countersign_room, countersign_signer, countersign_sender using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = released.patient));
create policy released on release.released for insert to countersign_sender
    with check (patient = any ((select house.scope_patients())::text[]));
create policy audited on release.released for select to countersign_auditor
    using ((select house.scope_whole()));

-- A view reads with the rights of whoever asks, so that the policies above hold in it.
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
       r.id as release_id, r.released_at, e.newer_id, d.sensitivity
from signoff.draft d
left join signoff.signature first on first.draft_id = d.id and first.ordinal = 1
left join signoff.signature second on second.draft_id = d.id and second.ordinal = 2
left join signoff.expiry e on e.draft_id = d.id
left join release.released r on r.draft_id = d.id;
grant select on signoff.expiry to countersign_sender;

-- What the policy must know of a draft that is named, without any content.
create function signoff.about(_draft text)
    returns table (patient text, room text, kind text, departments text[], care_team text[],
                   sensitivity text[], refused text[])
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select d.patient, d.room, d.kind, p.departments, p.care_team,
           case when d.sensitivity is null then p.labels else p.sensitivity || d.sensitivity end,
           p.refused
    from signoff.draft d join chart.patient p on p.patient = d.patient
    where d.id = _draft and house.scope_given()
$$;
revoke execute on function signoff.about(text) from public;
grant execute on function signoff.about(text) to countersign_room;

-- Who records what this adds.
select ledger.permit('break-glass-opened', 'countersign_identity');
select ledger.permit('break-glass-used', 'countersign_ledger');
select ledger.permit('break-glass-ended', 'countersign_identity');
select ledger.permit('break-glass-reviewed', 'countersign_identity');
select ledger.permit('label-changed', 'countersign_ledger');
select ledger.permit('consent-recorded', 'countersign_ledger');
select ledger.permit('delegated', 'countersign_identity');
select ledger.permit('delegation-ended', 'countersign_identity');
select ledger.permit('decision-explained', 'countersign_ledger');

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('identity.break_glass', $$'break-glass/' || id$$);
select vault.declare_sealed('identity.break_glass_review', $$'break-glass-review/' || opening_id$$);
