-- Back to labels of senders alone and to delegations without acceptance. Labels that people or
-- rules set stay in force; what people removed stays removed. A delegation that nobody accepted
-- counts no more.
delete from vault.sealed_table where name in ('identity.delegation', 'chart.label_decision');
drop view chart.seen_current;
create view chart.seen_current as
select type, id, version, patient, at, deleted, origin, sha256, content, tokens, low, high,
       departments, care_team, sensitivity, via, stay, refused
from chart.current c where
    (select house.scope_whole())
    or c.patient is null and (select house.scope_given())
    or c.patient = any ((select house.scope_patients())::text[])
    or exists (select from chart.patient p where p.patient = c.patient
               and (p.departments && (select house.scope_departments())
                    or p.care_team && (select house.scope_people())));
create or replace view chart.seen_patient as select * from chart.patient where
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
    or care_team && (select house.scope_people());
grant select on chart.seen_current to countersign_room;
alter policy seen on chart.patient using (
    (select house.scope_whole())
    or patient = any ((select house.scope_patients())::text[])
    or departments && (select house.scope_departments())
    or care_team && (select house.scope_people()));
revoke select (sensitivity, refused) on chart.patient from countersign_signer;
drop function house.scope_refusals();
drop function house.scope_closed();

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
create or replace function signoff.about(_draft text)
    returns table (patient text, room text, kind text, departments text[], care_team text[],
                   sensitivity text[], refused text[])
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select d.patient, d.room, d.kind, p.departments, p.care_team,
           case when d.sensitivity is null then p.labels else p.sensitivity || d.sensitivity end,
           p.refused
    from signoff.draft d join chart.patient p on p.patient = d.patient
    where d.id = _draft and house.scope_given()
$$;
drop trigger followed on chart.current;
drop function signoff.follow_labels();
drop table signoff.draft_label;
drop table chart.label_due;
drop table chart.label_rule;
drop function chart.keep_label_rule();
drop table chart.label_decision;
drop function chart.check_label();
alter table chart.current drop column sent, drop column ruled;
create or replace function chart.only_forward() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
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
    if new.version <= old.version or new.type <> old.type or new.id <> old.id then
        raise exception 'a current version only moves forward' using errcode = 'CSC01';
    end if;
    if new.patient is distinct from old.patient then
        raise exception 'a resource stays with its patient' using errcode = 'CSC02';
    end if;
    return new;
end $$;

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
    if new.senior_id in (dispute.first_id, dispute.second_id) then
        raise exception 'nobody adjudicates their own case' using errcode = 'CSS04';
    end if;
    if new.kind = 'decided' and last.senior_id is distinct from new.senior_id then
        raise exception 'another senior was named' using errcode = 'CSS04';
    end if;
    return new;
end $$;

drop trigger settled_behalf on signoff.signature;
drop function signoff.settle_behalf();
drop trigger on_behalf on signoff.signature;
drop function signoff.check_behalf();
alter table signoff.signature
    drop constraint signature_delegation,
    drop constraint signature_behalf,
    drop column on_behalf_of,
    drop column delegation_id;
drop function identity.is_own(text, text, boolean);
drop function identity.stands_in(text, text, text);
revoke update (accepted_at, declined_at, ended_by) on identity.delegation
    from countersign_identity;
drop trigger kept on identity.delegation;
drop function identity.keep_delegation();
drop function identity.check_pair(identity.delegation);
drop function identity.licensed(text, text[], date);
update identity.delegation set revoked_at = clock_timestamp()
    where revoked_at is null and accepted_at is null;
drop trigger living_key_added on identity.delegation;
drop trigger living_key_changed on identity.delegation;
alter table identity.delegation
    drop constraint delegation_pair,
    drop constraint delegation_sealed,
    drop column suite,
    drop column key_id,
    drop column box,
    drop column appointed_at,
    drop column accepted_at,
    drop column declined_at,
    drop column ended_by;
