-- Back to before language models: servers are to be connected anew; the ledger keeps who asked
-- which model when, and models and prompts stay registered.
drop function models.leave_place(text, text, integer, interval, interval),
    models.placed(text, text, integer, interval, interval),
    models.enter_place(text, integer, text, text, smallint, text, interval, interval),
    models.grant_places(text, integer, interval, interval);
drop table models.ticket, models.lane, models.breaker;
drop table models.call, models.assignment, models.served, models.probe, models.server_token,
    models.server;
delete from vault.sealed_table where name = 'models.server_token';
delete from ledger.retained where kind in (
    'model-server-changed', 'model-server-probed', 'model-assigned', 'model-asked',
    'model-answered');
delete from ledger.recorder where kind in (
    'model-server-changed', 'model-server-probed', 'model-assigned', 'model-asked',
    'model-answered');
