-- Back to what is true now: decisions of the past can be explained only roughly.
-- keeps: in the schema kept, from where the migration takes them again
create schema if not exists kept;
drop trigger came on chart.patient;
drop trigger moved on chart.patient;
drop function chart.keep_placed(), chart.facts_then(text, timestamptz);
alter table chart.placed rename to chart_placed;
alter table chart.chart_placed set schema kept;
