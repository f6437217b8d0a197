-- The gate: drafts, signatures, releases.
select 1;
