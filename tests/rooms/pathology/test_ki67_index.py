"""The index under a moving threshold, drawn regions and flips; its interval; hotspots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.pathology.domain.hotspot import spots
from countersign.rooms.pathology.domain.hscore import h_score
from countersign.rooms.pathology.domain.ki67 import (
    OTHER,
    Corrected,
    Counted,
    Rules,
    counted,
    inside,
    limits_of,
)
from countersign.rooms.pathology.domain.ki67_interval import clustered, wilson
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring


def nuclei(count: int = 4000, hot: bool = False, seed: int = 2) -> Nuclei:
    """Over 8,000 × 8,000 pixels (2 mm); with ``hot``, a positive corner."""
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 8000, (2, count)).astype(np.float32)
    stain = chance.uniform(0, 0.15, count).astype(np.float32)
    if hot:
        stain[(x < 2500) & (y < 2500)] += np.float32(0.2)
    one = np.ones(count, np.float32)
    tumour = (chance.random(count) < 0.9).astype(np.float32)
    return Nuclei(x, y, 50 * one, stain, one, tumour, one.astype(np.uint8), one)


def index_of(held: Nuclei, threshold: float = 0.12, regions: tuple[Region, ...] = ()) -> Counted:
    return counted(held, Rules(), Corrected(threshold, regions), 0.25)


def square(x: float, y: float, side: float, kind: str = "tumour", who: str | None = "p") -> Region:
    points = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return Region(kind, Ring(np.array(points, np.float32)), drawn_by=who)


@given(st.floats(0, 0.2))
def test_the_index_is_what_counting_gives(threshold: float) -> None:
    held = nuclei()
    tumour = held.tumour >= 0.5
    found = index_of(held, threshold)
    assert found.whole.total == tumour.sum()
    assert found.whole.positive == (held.stain[tumour] >= np.float32(threshold)).sum()
    assert (found.kinds == OTHER).sum() == (~tumour).sum()


def test_what_lies_outside_the_drawn_region_or_is_left_out_does_not_count() -> None:
    held = nuclei()
    mine = (held.x >= 1000) & (held.x < 3000) & (held.y >= 1000) & (held.y < 3000)
    found = index_of(held, 0.1, (square(1000, 1000, 2000),))
    assert found.whole.total == (mine & (held.tumour >= 0.5)).sum()
    without = (square(1000, 1000, 2000), square(0, 0, 8000, "excluded"))
    assert index_of(held, 0.1, without).whole.share is None


def test_a_hole_is_outside() -> None:
    ring = Region("tumour", square(0, 0, 100).outline, (square(40, 40, 20).outline,))
    held = nuclei(3)
    held.x[:] = held.y[:] = (10, 50, 150)
    assert inside(held, ring).tolist() == [True, False, False]


def test_a_flipped_nucleus_is_what_the_pathologist_said() -> None:
    held = nuclei(3)
    held.tumour[:] = (1, 1, 0)
    held.stain[:] = (0.0, 0.5, 0.5)
    flips = {0: (True, None), 1: (None, False), 2: (False, True), 9: (True, None)}
    found = counted(held, Rules(), Corrected(0.12, (), flips), 0.25)
    assert (found.whole.positive, found.whole.total) == (1, 2)
    assert found.kinds.tolist() == [1, OTHER, 0]


def test_classes_and_h_score() -> None:
    held = nuclei(4)
    held.tumour[:], held.stain[:] = 1, (0.1, 0.2, 0.4, 0.9)
    assert counted(held, Rules(), Corrected(), 0.25).kinds.tolist() == [0, 1, 2, 3]
    assert h_score((20, 30, 30, 20)) == pytest.approx(150)
    assert h_score((0, 0, 0, 0)) is None


def test_wilsons_interval_by_his_formula() -> None:
    low, high = wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert wilson(0, 0) == (0.0, 1.0)


def test_clusters_widen_the_interval() -> None:
    alike = np.tile(np.array([[20, 100]]), (20, 1))
    apart = np.array([[100, 100]] * 4 + [[0, 100]] * 16)
    assert clustered(alike, 400, 2000) == wilson(400, 2000)
    low, high = clustered(apart, 400, 2000)
    assert low < wilson(400, 2000)[0] and high > wilson(400, 2000)[1]


def test_the_hotspot_is_where_it_is_hot_and_holds_500() -> None:
    held = nuclei(12_000, hot=True)
    kinds = index_of(held).kinds
    found = spots(held, kinds, 0.25)
    again = spots(held, kinds, 0.25)
    assert found and [(one.centre, one.count) for one in found] == [
        (one.centre, one.count) for one in again
    ]
    best = found[0]
    assert best.total >= 500 and best.share > 0.9 and best.centre is not None
    assert max(best.centre) < 2500
    for one in found[1:]:
        assert one.centre is not None and one.diameter is not None
        apart = np.hypot(*np.subtract(one.centre, best.centre)) * 0.25
        assert apart > one.diameter - 0.1


def test_too_few_nuclei_have_no_hotspot_and_say_so() -> None:
    held = nuclei(300)
    found = index_of(held)
    assert spots(held, found.kinds, 0.25) == ()
    assert "few-tumour-cells" in [one["code"] for one in limits_of(found)]
