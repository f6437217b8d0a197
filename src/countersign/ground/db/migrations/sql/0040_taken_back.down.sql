-- keeps: everything that was taken back stays out of the inbox, among what was superseded; the
-- ledger keeps who took it back, and nothing more is.
delete from ledger.retained where kind = 'draft-taken-back';
delete from ledger.recorder where kind = 'draft-taken-back';
alter table signoff.expiry drop constraint expiry_cause_check;
alter table signoff.expiry add constraint expiry_cause_check
    check (cause in ('time', 'superseded')) not valid;

create or replace function signoff.settle_expiry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform signoff.require_leaf(new.draft_id, 'draft-expired', null, null, null);
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
           when e.cause is not null then 'superseded'
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
