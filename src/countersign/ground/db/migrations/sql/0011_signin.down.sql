-- Takes the second factors, the links to the provider and the proofs of presence away; accounts,
-- sessions and signatures stay. People sign in with their passwords as before.
drop trigger present on signoff.signature;
drop function signoff.check_presence();
alter table signoff.signature drop column presence_id;
drop table identity.presence, identity.recovery, identity.challenge, identity.enrolment,
    identity.factor, identity.pending, identity.provided, identity.journey, identity.arrival,
    identity.link;
drop function identity.check_presence();
delete from vault.sealed_table where name in (
    'identity.link',
    'identity.arrival',
    'identity.journey',
    'identity.provided',
    'identity.pending',
    'identity.factor',
    'identity.enrolment');
