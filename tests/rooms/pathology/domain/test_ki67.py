"""The figure that is signed: for any threshold, regions and flips."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from skimage.measure import points_in_poly

from countersign.rooms.pathology.domain import ki67
from countersign.rooms.pathology.domain.hscore import GRADES
from countersign.rooms.pathology.domain.ki67 import (
    CUTOFF,
    OTHER,
    OUTSIDE,
    Corrected,
    Rules,
    corrected,
    counted,
    retyped,
)
from countersign.rooms.pathology.domain.ki67_interval import wilson
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring

SQUARE = [[100.0, 100.0], [900.0, 120.0], [880.0, 900.0], [120.0, 800.0]]
HOLE = [[300.0, 300.0], [500.0, 300.0], [400.0, 500.0]]
SAID = [(True, True), (True, None), (False, True), (None, False), (False, None), (None, True)]


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
    flips=some.dictionaries(some.integers(0, 2999), some.sampled_from(SAID), max_size=40),
)
@settings(deadline=None, max_examples=25)
def test_it_counts_as_one_counts_nucleus_by_nucleus(
    seed: int, threshold: float, drawn: bool, left_out: bool, flips: dict[int, Any]
) -> None:
    cells = nuclei(seed)
    regions = [region("tumour", SQUARE, HOLE)] if drawn else []
    regions += [region("excluded", HOLE)] if left_out else []
    ours = counted(cells, Rules(), Corrected(threshold, tuple(regions), flips), 0.5)
    points = np.stack([cells.x, cells.y], axis=1)
    hole, square = points_in_poly(points, HOLE), points_in_poly(points, SQUARE)
    grades = [0, 0, 0, 0]
    for row in range(len(cells)):
        stained, tumour = flips.get(row, (None, None))
        if tumour is None:
            tumour = cells.tumour[row] >= np.float32(CUTOFF)
        density = cells.stain[row]
        grade = int(density >= np.float32(threshold))
        grade *= 1 + int(density >= np.float32(GRADES[1])) + int(density >= np.float32(GRADES[2]))
        if stained is not None:
            grade = max(grade, 1) if stained else 0
        within = (square[row] and not hole[row]) if drawn else True
        if tumour and within and not (left_out and hole[row]):
            grades[grade] += 1
    assert ours.whole.grades == tuple(grades)
    total = sum(grades)
    said = ki67.said(ours.whole, ours.whole.interval)
    assert said["positive"] == total - grades[0] and said["tumour_nuclei"] == total
    if total:
        assert said["index"] == pytest.approx(1 - grades[0] / total)
        points_ = sum(number * many for number, many in enumerate(grades))
        assert said["h_score"] == pytest.approx(100 * points_ / total)
        low, high = said["wilson"]
        assert said["low"] <= low <= said["index"] + 1e-9 and said["index"] <= high + 1e-9


def test_the_index_is_of_the_squares_that_hold_tumour() -> None:
    """Neighbours that are alike widen the interval; squares are counted from the nuclei's own
    corner, wherever on the slide it is."""
    cells = nuclei(3)
    wide = replace(cells, x=cells.x * 8, y=cells.y * 8)
    halves = replace(wide, stain=(wide.x > 4000).astype(np.float32))
    moved = replace(halves, x=halves.x + 777, y=halves.y + 333)
    one, other = (counted(held, Rules(), Corrected(), 0.5).whole for held in (halves, moved))
    assert one == other
    low, high = wilson(one.positive, one.total)
    assert one.interval[0] < low and one.interval[1] > high


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
