-- Back to before pictures of other systems: the files stay in their folder, and the ledger keeps
-- that they came. What was trained goes: the shipped models answer again.
drop table trained.step, trained.version, trained.frozen;
drop schema trained;
drop table imaging.handed, imaging.waiting, imaging.instance, imaging.series;
drop schema imaging;
delete from vault.sealed_table where name in (
    'imaging.series', 'trained.frozen', 'trained.version');
delete from ledger.retained where kind in ('images-received', 'trained-changed');
delete from ledger.recorder where kind in ('images-received', 'trained-changed');
