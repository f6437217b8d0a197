"""The index under a moving threshold, drawn regions and flips; its interval; hotspots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.pathology.domain import ki67
from countersign.rooms.pathology.domain.hotspot import hotspots
from countersign.rooms.pathology.domain.hscore import Classes, grades_of
from countersign.rooms.pathology.domain.ki67 import Flip, index_of
from countersign.rooms.pathology.domain.ki67_interval import clustered, wilson
from countersign.rooms.pathology.domain.ki67_place import inside
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


def square(x: float, y: float, side: float, kind: str = "tumour", who: str | None = "p") -> Region:
    points = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return Region(kind, Ring(np.array(points, np.float32)), drawn_by=who)


@given(st.floats(0, 0.2))
def test_the_index_is_what_counting_gives(threshold: float) -> None:
    held = nuclei()
    tumour = held.tumour >= 0.5
    found = index_of(held, threshold)
    assert found.total == tumour.sum()
    assert found.positive == (held.stain[tumour] >= np.float32(threshold)).sum()
    assert found.others == (~tumour).sum()


def test_the_region_that_a_person_drew_stands_above_the_programs() -> None:
    held = nuclei()
    mine = (held.x >= 1000) & (held.x < 3000) & (held.y >= 1000) & (held.y < 3000)
    program = square(0, 0, 8000, who=None)
    found = index_of(held, 0.1, [program, square(1000, 1000, 2000)])
    assert found.total == (mine & (held.tumour >= 0.5)).sum()
    without = index_of(held, 0.1, [square(1000, 1000, 2000), square(0, 0, 8000, "excluded")])
    assert without.total == 0 and without.index is None


def test_a_hole_is_outside() -> None:
    ring = Region("tumour", square(0, 0, 100).outline, (square(40, 40, 20).outline,))
    x = np.array([10, 50, 150], np.float32)
    assert inside(x, x, [ring]).tolist() == [1, 0, 0]


def test_a_flipped_nucleus_is_what_the_pathologist_said() -> None:
    held = nuclei(3)
    held.tumour[:] = (1, 1, 0)
    held.stain[:] = (0.0, 0.5, 0.5)
    flips = {0: Flip.POSITIVE, 1: Flip.NOT_TUMOUR, 2: Flip.NEGATIVE, 9: Flip.POSITIVE}
    found = index_of(held, 0.12, flips=flips)
    assert (found.positive, found.total, found.others) == (1, 2, 1)


def test_classes_and_h_score() -> None:
    assert grades_of(np.array([0.1, 0.2, 0.4, 0.9], np.float32)).tolist() == [0, 1, 2, 3]
    assert Classes(20, 30, 30, 20).h_score == pytest.approx(150)
    assert Classes(0, 0, 0, 0).h_score is None


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
    kinds = ki67.counted(held)
    found = hotspots(held, kinds, 0.25)
    again = hotspots(held, kinds, 0.25)
    assert found and [(one.x, one.y, one.index) for one in found] == [
        (one.x, one.y, one.index) for one in again
    ]
    best = found[0]
    assert best.index.total >= 500 and best.index.index is not None and best.index.index > 0.9
    assert best.x < 2500 and best.y < 2500
    for one in found[1:]:
        assert np.hypot(one.x - best.x, one.y - best.y) * 0.25 > one.diameter - 0.1


def test_too_few_nuclei_have_no_hotspot_and_say_so() -> None:
    held = nuclei(300)
    assert hotspots(held, ki67.counted(held), 0.25) == ()
    limits = ki67.limits_of(index_of(held), len(held))
    assert "few-tumour-cells" in [one["code"] for one in limits]
