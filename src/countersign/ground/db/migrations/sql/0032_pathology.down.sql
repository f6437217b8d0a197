-- Back to before slides: what was measured and corrected goes; what was signed is in the chart,
-- the files of the slides stay where they lie, and the ledger keeps that the rest was.
drop table slides.correction, slides.stored, slides.outcome, slides.progress, slides.run,
    slides.described, slides.seen, slides.told, slides.standing, slides.match, slides.step,
    slides.move, slides.slide;
drop function slides.check_step();
drop function slides.check_match();
drop function slides.check_correction();
drop function slides.keep_stored();
drop schema slides;
delete from vault.sealed_table where name in (
    'slides.match', 'slides.told', 'slides.stored', 'slides.correction');
delete from ledger.retained where kind in (
    'slide-arrived', 'slide-matched', 'slide-moved', 'slide-measured', 'slide-corrected',
    'slide-shown', 'slides-listed');
delete from ledger.recorder where kind in (
    'slide-arrived', 'slide-matched', 'slide-moved', 'slide-measured', 'slide-corrected',
    'slide-shown', 'slides-listed');
