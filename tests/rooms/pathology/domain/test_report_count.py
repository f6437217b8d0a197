"""The figure that is signed: the kernel's own rules, for any threshold, regions and flips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from countersign.rooms.pathology.domain import ki67, report_count
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring
from countersign.rooms.pathology.domain.report_count import (
    OTHER,
    OUTSIDE,
    Corrected,
    Rules,
    corrected,
    counted,
    retyped,
)

SQUARE = [[100.0, 100.0], [900.0, 120.0], [880.0, 900.0], [120.0, 800.0]]
HOLE = [[300.0, 300.0], [500.0, 300.0], [400.0, 500.0]]
SAID = {
    (True, True): ki67.Flip.POSITIVE,
    (True, None): ki67.Flip.POSITIVE,
    (False, True): ki67.Flip.NEGATIVE,
    (None, False): ki67.Flip.NOT_TUMOUR,
}


def nuclei(seed: int, count: int = 3000) -> Nuclei:
    chance = np.random.default_rng(seed)
    floats = chance.random((7, count)).astype(np.float32)
    return Nuclei(
        x=floats[0] * 1000,
        y=floats[1] * 1000,
        area=floats[2] * 60,
        stain=floats[3],
        haematoxylin=floats[4],
        tumour=floats[5],
        type=chance.integers(0, 6, count).astype(np.uint8),
        score=floats[6],
    )


def region(kind: str, outline: Any, *holes: Any) -> Region:
    rings = [Ring(np.array(one, np.float32)) for one in (outline, *holes)]
    return Region(kind, rings[0], tuple(rings[1:]), drawn_by="person:p")


@given(
    seed=some.integers(0, 1000),
    threshold=some.floats(0.0, 1.0),
    drawn=some.booleans(),
    left_out=some.booleans(),
    flips=some.dictionaries(some.integers(0, 2999), some.sampled_from(list(SAID)), max_size=40),
)
@settings(deadline=None, max_examples=25)
def test_it_counts_as_the_kernel_does(
    seed: int, threshold: float, drawn: bool, left_out: bool, flips: dict[int, Any]
) -> None:
    cells = nuclei(seed)
    regions = [region("tumour", SQUARE, HOLE)] if drawn else []
    regions += [region("excluded", HOLE)] if left_out else []
    made = Corrected(threshold, tuple(regions), flips)
    ours = counted(cells, Rules(), made, 0.5).whole
    # What a person said of a nucleus that the classifier takes for another kind: to the kernel a
    # nucleus called positive or negative is a tumour's, and here it is so only if that is said.
    said = {
        row: SAID[one]
        for row, one in flips.items()
        if one[1] is not None or cells.tumour[row] >= np.float32(ki67.CUTOFF)
    }
    theirs = ki67.index_of(cells, threshold, regions, said, 0.5)
    classes = theirs.classes
    assert ours.grades == (classes.none, classes.weak, classes.moderate, classes.strong)
    assert ours.share == theirs.index
    if theirs.low is not None:
        assert ours.interval == pytest.approx((theirs.low, theirs.high))
        assert ours.hscore == pytest.approx(classes.h_score)


def test_the_constants_are_the_kernels() -> None:
    assert (report_count.FEWEST, report_count.CUTOFF, report_count.FIELD) == (
        ki67.FEWEST,
        ki67.CUTOFF,
        ki67.FIELD,
    )


def test_a_later_correction_stands_above_an_earlier() -> None:
    made = corrected(
        [
            ("threshold", {"value": 0.3}),
            ("nuclei", {"indices": [1, 2], "positive": True}),
            ("nuclei", {"indices": [2], "tumour": False}),
            ("threshold", {"value": 0.4}),
            ("region", {"kind": "drawn", "name": "n", "outline": SQUARE, "holes": [HOLE]}),
        ]
    )
    assert made.threshold == 0.4
    assert made.flips == {1: (True, None), 2: (True, False)}
    assert made.regions[0].drawn_by and len(made.regions[0].holes) == 1


def test_kinds_say_why_a_nucleus_does_not_count() -> None:
    cells = nuclei(4)
    kinds = counted(cells, Rules(), Corrected(None, (region("tumour", SQUARE),)), 0.5).kinds
    assert set(np.unique(kinds)) == {0, 1, 2, 3, OTHER, OUTSIDE}
    assert (cells.tumour[kinds == OTHER] < 0.5).all()


def test_of_no_nucleus_there_is_no_index() -> None:
    none = counted(Nuclei.none(), Rules(), Corrected(), 0.5).whole
    assert (none.total, none.share, none.hscore, none.interval) == (0, None, None, (0.0, 1.0))


def test_a_kind_of_cell_is_what_a_pathologist_said_last() -> None:
    cells = nuclei(4)
    said = [
        ("nuclei", {"indices": [1, 2], "type": 2}),
        ("nuclei", {"indices": [2], "type": 5}),
        ("nuclei", {"indices": [99_999], "type": 1}),
    ]
    made = corrected(said)
    assert made.types == {1: 2, 2: 5, 99_999: 1}
    again = retyped(cells, made.types)
    assert (again.type[1], again.type[2]) == (2, 5)
    assert np.array_equal(np.delete(again.type, [1, 2]), np.delete(cells.type, [1, 2]))
    assert retyped(cells, {}) is cells
