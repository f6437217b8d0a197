-- keeps: alerts that were counted stay counted; where they stood is forgotten.
revoke insert on signoff.alert_answer from countersign_signer;
revoke select on signoff.alert from countersign_signer;
alter table signoff.alert drop column elsewhere;
