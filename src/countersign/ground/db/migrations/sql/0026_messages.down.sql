-- Back to before messages of other systems: what was processed is in the chart, the rest is copied
-- aside where that is agreed to; the ledger keeps that they came.
drop policy sent on release.released;
revoke select on release.released from countersign_interface;
revoke usage on schema release from countersign_interface;
revoke execute on function jobs.defer(text, jsonb, text, integer) from countersign_interface;
revoke usage on schema jobs from countersign_interface;
revoke execute on function ledger.append(bytea[]) from countersign_interface;
revoke usage on schema ledger from countersign_interface;
drop table messages.outgoing, messages.peer, messages.incoming, messages.person;
drop function messages.keep_incoming();
drop schema messages;
delete from vault.sealed_table where name = 'messages.incoming';
delete from ledger.retained where kind in (
    'messages-received', 'messages-replayed', 'message-set-aside', 'message-sent');
delete from ledger.recorder where kind in (
    'messages-received', 'messages-replayed', 'message-set-aside', 'message-sent');
