-- Back to before the writing of records: what was signed is in the chart; unfinished records go, and
-- the ledger keeps that they were.
drop table signoff.share_kept, signoff.manuscript_draft, signoff.manuscript_version,
    signoff.manuscript;
delete from vault.sealed_table where name = 'signoff.manuscript_version';
delete from ledger.retained where kind = 'record-saved';
delete from ledger.recorder where kind = 'record-saved';
