-- Back to 0008: every row stays readable for the roles that read it before. What was opened by
-- break-glass and reviewed stays in the ledger; its tables go.
drop view signoff.state;
create view signoff.state as
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
       r.id as release_id, r.released_at, e.newer_id
from signoff.draft d
left join signoff.signature first on first.draft_id = d.id and first.ordinal = 1
left join signoff.signature second on second.draft_id = d.id and second.ordinal = 2
left join signoff.expiry e on e.draft_id = d.id
left join release.released r on r.draft_id = d.id;
grant select on signoff.state to
    countersign_room, countersign_signer, countersign_sender, countersign_auditor;
revoke select on signoff.expiry from countersign_sender;
drop function signoff.about(text);
drop policy seen on release.released;
drop policy released on release.released;
drop policy audited on release.released;
alter table release.released disable row level security;
drop policy own on signoff.working;
alter table signoff.working disable row level security;
drop policy seen on signoff.expiry;
drop policy expired on signoff.expiry;
drop policy audited on signoff.expiry;
alter table signoff.expiry disable row level security;
drop policy seen on signoff.signature;
drop policy signed on signoff.signature;
drop policy audited on signoff.signature;
alter table signoff.signature disable row level security;
drop policy seen on signoff.draft;
drop policy proposed on signoff.draft;
drop policy audited on signoff.draft;
alter table signoff.draft disable row level security;
revoke select (patient, departments, care_team) on chart.patient from countersign_signer;
drop view chart.seen_current;
drop view chart.seen_patient;
drop policy seen on chart.version;
drop policy received on chart.version;
create policy read on chart.version for select
    to countersign_room, countersign_receiver, countersign_sender using (true);
drop policy seen on chart.current;
drop policy received on chart.current;
drop policy sent on chart.current;
alter table chart.current disable row level security;
drop policy seen on chart.patient;
drop policy received on chart.patient;
drop policy sent on chart.patient;
alter table chart.patient disable row level security;
alter table signoff.draft drop column sensitivity;
drop index chart.current_placing;
alter table chart.current drop column refused;
create index current_patient_idx on chart.current (patient) where departments <> '{}'
    or care_team <> '{}' or sensitivity <> '{}' or via <> '{}' or stay;
-- Without labels on each resource, any label closes the whole chart again.
update chart.patient set sensitivity = labels where sensitivity <> labels;
alter table chart.patient drop column refused, drop column labels;
drop function chart.facts_at(text, text);
drop function chart.facts(text[]);
drop function house.scope_patients();
drop function identity.opened_now(text);
drop table identity.delegation;
drop table identity.break_glass_review;
drop function identity.check_review();
drop table identity.break_glass;
drop function identity.keep_break_glass();
drop function house.scope_person();
drop function house.scope_people();
drop function house.scope_departments();
drop function house.scope_given();
drop function house.scope_whole();
delete from vault.sealed_table where name in (
    'identity.break_glass',
    'identity.break_glass_review');
