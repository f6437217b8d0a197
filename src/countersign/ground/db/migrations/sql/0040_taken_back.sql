-- A draft that nobody has decided can be taken back, so that what it says is corrected first: by a
-- person, who is named in the ledger. What somebody signed or rejected cannot.
-- while serving: yes
alter table signoff.expiry drop constraint expiry_cause_check;
alter table signoff.expiry add constraint expiry_cause_check
    check (cause in ('time', 'superseded', 'taken-back'));

create or replace function signoff.settle_expiry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.cause <> 'taken-back' then
        perform signoff.require_leaf(new.draft_id, 'draft-expired', null, null, null);
    elsif not exists (
            select from ledger.event e
            where e.subject = 'draft:' || new.draft_id and e.kind = 'draft-taken-back'
              and e.actor like 'person:%' and e.xmin = pg_current_xact_id()::xid) then
        raise exception 'no person is named who takes it back' using errcode = 'CSG12';
    end if;
    return null;
end $$;

create or replace view signoff.state with (security_invoker = true) as
select d.id, d.room, d.kind, d.patient, d.risk, d.urgency, d.signer_kinds, d.topic,
       d.model_name || '@' || d.model_version as model, encode(d.sha256, 'hex') as sha256,
       d.proposed_at, d.expires_at, d.corrects,
       case
           when r.id is not null then 'released'
           when first.decision = 'rejected' or second.decision = 'rejected' then 'rejected'
           when e.cause = 'time' then 'expired'
           when e.cause = 'superseded' then 'superseded'
           when e.cause = 'taken-back' then 'taken-back'
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

select ledger.permit('draft-taken-back', 'countersign_room');
insert into ledger.retained (kind, rule) values ('draft-taken-back', 'record');
