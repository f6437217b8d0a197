-- Back to before studies: their plans, results and prices go; the ledger keeps that they were.
drop table models.price_list, models.study_import, models.study_load, models.study_answer,
    models.study_set, models.study_state, models.study;
delete from ledger.retained where kind in ('study-changed', 'prices-changed');
delete from ledger.recorder where kind in ('study-changed', 'prices-changed');
