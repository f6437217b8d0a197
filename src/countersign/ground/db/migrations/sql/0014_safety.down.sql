-- Back to the gate alone: recalls, cases, impressions and reading times are lost; the ledger keeps
-- that they were. A model that was recalled may propose again, so stop AI first.
drop trigger traced on signoff.draft;
drop trigger traced on signoff.signature;
drop trigger traced on release.released;
drop trigger traced on chart.version;
drop view signoff.adjudication_state;
drop table signoff.vigilance, signoff.adjudication_step, signoff.adjudication, signoff.impression,
    signoff.rule, signoff.untraced, signoff.recall_closing, signoff.recall_answer,
    signoff.recall_task, signoff.recall_touched, signoff.recall, models.recalled, signoff.edge;
drop function signoff.trace_draft(), signoff.trace_signature(), release.trace_released(),
    release.trace_version(), signoff.trace_inputs(text, text[]),
    signoff.refuse_recalled(text, text), signoff.check_closing(), signoff.check_impression(),
    signoff.check_step(), signoff.measure_reading(), models.is_recalled(text);
drop policy quality on chart.patient;
drop policy quality on signoff.signature;
revoke select (id, draft_id, patient, signer_id, decision) on signoff.signature
    from countersign_steward;
revoke select (patient, departments) on chart.patient from countersign_steward;
revoke usage on schema signoff, release, chart from countersign_steward;
delete from vault.sealed_table where name in (
    'signoff.recall',
    'signoff.recall_answer',
    'signoff.impression',
    'signoff.adjudication_step');
