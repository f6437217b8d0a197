-- Back to before hooks: clients are to be registered anew, and what was shown where is forgotten
-- here; the ledger keeps that it was.
drop table signoff.card_call, signoff.card_outcome, signoff.card;
drop table identity.cds_token, identity.cds_user, identity.cds_client;
delete from vault.sealed_table where name = 'signoff.card_outcome';
delete from ledger.retained
    where kind in ('cds-client-changed', 'card-outcome', 'hook-answered', 'cds-client-refused');
delete from ledger.recorder
    where kind in ('cds-client-changed', 'card-outcome', 'hook-answered', 'cds-client-refused');
