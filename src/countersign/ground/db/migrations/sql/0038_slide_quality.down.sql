-- keeps: every slide with its result, from which the figures of the charts are read again.
drop trigger followed on slides.standing;
drop view slides.quality_days;
drop table slides.quality, slides.quality_day, slides.quality_changed, slides.quality_taken;
drop function slides.follow_standing, slides.place_quality, slides.note_quality, slides.day_of,
    slides.settle_quality, slides.charted;
