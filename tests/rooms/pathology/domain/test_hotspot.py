"""Where the index is highest, of a slide as measured and under corrections."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from countersign.rooms.pathology.domain.hotspot import spots
from countersign.rooms.pathology.domain.ki67 import FEWEST, Corrected, Rules, counted
from countersign.rooms.pathology.domain.ki67_interval import wilson
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring

MPP = 0.5


def nuclei(seed: int, count: int, side: float = 6000.0) -> Nuclei:
    """Nests of cells in 3 mm of tissue; some of them hot."""
    chance = np.random.default_rng(seed)
    nests = chance.uniform(0.1, 0.9, (8, 2)) * side
    home = chance.integers(0, 8, count)
    place = nests[home] + chance.normal(0, side / 16, (count, 2))
    hot = chance.random(count) < 0.1 + 0.8 * (home % 4 == 0)
    plain = np.full(count, 40, np.float32)
    return Nuclei(
        x=place[:, 0].astype(np.float32),
        y=place[:, 1].astype(np.float32),
        area=plain,
        stain=np.where(hot, 0.6, 0.05).astype(np.float32),
        haematoxylin=plain,
        tumour=chance.choice([0.2, 0.9], count, p=[0.2, 0.8]).astype(np.float32),
        type=np.ones(count, np.uint8),
        score=plain,
    )


@given(
    seed=some.integers(0, 10_000),
    count=some.sampled_from([300, 900, 4000, 12000]),
    threshold=some.sampled_from([0.01, 0.2, 0.9]),
)
@settings(deadline=None, max_examples=8)
def test_its_count_is_what_one_counts_within_the_circle(
    seed: int, count: int, threshold: float
) -> None:
    cells = nuclei(seed, count)
    found = spots(cells, counted(cells, Rules(), Corrected(threshold), MPP).kinds, MPP)
    tumour, hot = cells.tumour >= 0.5, cells.stain >= np.float32(threshold)
    for one in found:
        assert one.centre is not None and one.diameter is not None and one.total >= FEWEST
        across, down = (
            held - np.float32(at) for held, at in zip((cells.x, cells.y), one.centre, strict=True)
        )
        near = tumour & (np.hypot(across, down) <= one.diameter / 2 / MPP)
        assert (one.positive, one.total) == (int((near & hot).sum()), int(near.sum()))
        assert one.interval == wilson(one.positive, one.total)
    shares = [one.share for one in found]
    assert shares == sorted(shares, reverse=True)
    assert found or tumour.sum() < 900


def test_it_leaves_what_was_left_out() -> None:
    cells = nuclei(5, 12000)
    before = spots(cells, counted(cells, Rules(), Corrected(), MPP).kinds, MPP)
    ring = Ring(before[0].region.outline.points)
    without = Corrected(None, (Region("excluded", ring),))
    after = spots(cells, counted(cells, Rules(), without, MPP).kinds, MPP)
    middle = before[0].region.outline.points.mean(0)
    assert after and after[0].region.outline.points.mean(0) != pytest.approx(middle)
    every = np.arange(len(cells))
    near = np.hypot(cells.x - middle[0], cells.y - middle[1]) < 400
    flips = {int(row): (False, None) for row in every[near]}
    flipped = counted(cells, Rules(), Corrected(None, (), flips), MPP).kinds
    assert spots(cells, flipped, MPP)[0].share < before[0].share


def test_too_few_have_none_and_order_does_not_matter() -> None:
    cells = nuclei(7, 4000)
    kinds = counted(cells, Rules(), Corrected(), MPP).kinds
    assert spots(cells, np.full_like(kinds, 4), MPP) == ()
    turned = replace(
        cells, **{name: getattr(cells, name)[::-1] for name in Nuclei.__dataclass_fields__}
    )
    one, other = spots(cells, kinds, MPP), spots(turned, kinds[::-1], MPP)
    assert [(each.positive, each.total) for each in one] == [
        (each.positive, each.total) for each in other
    ]
