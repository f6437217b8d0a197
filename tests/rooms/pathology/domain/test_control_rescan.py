"""What a technician relies on: that unfit slides come first, with what mends them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from countersign.rooms.pathology.domain.control import Measure, SlideQuality
from countersign.rooms.pathology.domain.control_rescan import (
    Bounds,
    Reason,
    Remedy,
    first_in_worklist,
    rescans,
)

FIT = SlideQuality(
    "s1",
    {Measure.WHITE: 240.0, Measure.CAST: 6.0, Measure.HAEMATOXYLIN: 0.6},
    blur=0.02,
    tissue_mm2=80.0,
)


def test_a_fit_slide_has_no_reason() -> None:
    assert rescans(FIT) == ()


@pytest.mark.parametrize(
    ("slide", "reason", "remedy"),
    [
        (replace(FIT, blur=0.4), Reason.BLUR, Remedy.RESCAN),
        (replace(FIT, pen=0.2), Reason.PEN, Remedy.CLEAN),
        (replace(FIT, fold=0.3), Reason.FOLD, Remedy.RECUT),
        (replace(FIT, tissue_mm2=0.0, blur=1.0), Reason.NO_TISSUE, Remedy.RESCAN),
        (replace(FIT, values={Measure.WHITE: 150.0}), Reason.LIGHT, Remedy.RESCAN),
        (replace(FIT, values={Measure.CAST: 60.0}), Reason.LIGHT, Remedy.RESCAN),
        (replace(FIT, values={Measure.HAEMATOXYLIN: 0.05}), Reason.PALE, Remedy.RESTAIN),
        (replace(FIT, values={Measure.HAEMATOXYLIN: 2.0}), Reason.DARK, Remedy.RESTAIN),
    ],
)
def test_each_reason_has_its_remedy(slide: SlideQuality, reason: Reason, remedy: Remedy) -> None:
    (found,) = rescans(slide)
    assert (found.reason, found.remedy) == (reason, remedy)
    assert found.badness > 1


def test_the_worst_slide_comes_first_and_fit_ones_not_at_all() -> None:
    slides = [FIT, replace(FIT, slide="s2", blur=0.3), replace(FIT, slide="s3", blur=0.9)]
    assert [made[0].slide for made in first_in_worklist(slides)] == ["s3", "s2"]


def test_a_department_sets_its_own_bounds() -> None:
    slide = replace(FIT, blur=0.3)
    assert rescans(slide, Bounds(blur=0.5)) == ()
