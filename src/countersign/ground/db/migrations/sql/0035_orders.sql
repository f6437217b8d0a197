-- Alerts that stood as cards in other systems are counted by their rule with the others: who signs
-- or rejects such a draft answers the alert. The tables still name no patient and nobody; an alert's
-- identifier is a keyed hash of its draft's, so that only this house's key leads from one to the other.
-- while serving: yes
alter table signoff.alert add column elsewhere boolean not null default false;
grant select on signoff.alert to countersign_signer;
grant insert on signoff.alert_answer to countersign_signer;
