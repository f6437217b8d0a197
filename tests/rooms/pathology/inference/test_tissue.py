"""The plan of a slide: where the tissue is, what spoils it, and what the control chart takes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.artefact_focus import SHARP
from countersign.rooms.pathology.domain.control import Measure
from countersign.rooms.pathology.inference.tissue import tissue_plan
from rooms.pathology.drawn import Drawn, Picture, folded, inked, tissue

AREA = np.pi * 1200 * 800 / 1e6


@pytest.fixture(scope="module")
def clean() -> Picture:
    return tissue(2000, 3000)


def test_a_clean_slide(clean: Picture) -> None:
    plan = tissue_plan(Drawn(clean), 1.0, tile=512)
    assert plan.tissue_mm2 == pytest.approx(AREA, rel=0.03)
    assert len(plan.tissue) == 1
    assert plan.artefacts.share == 0
    assert plan.artefacts.regions == ()
    assert plan.white == pytest.approx((242, 242, 242), abs=1)
    assert set(plan.values) == set(Measure)
    assert plan.values[Measure.FOCUS] > SHARP
    assert plan.cells.tissue.sum() * plan.cells.grid.cell_mm2 == pytest.approx(AREA, rel=0.04)


def test_tiles_cover_the_tissue_once_and_leave_the_glass(clean: Picture) -> None:
    plan = tissue_plan(Drawn(clean), 1.0, tile=512, margin=32)
    covered = np.zeros(clean.shape[:2], np.uint8)
    for tile in plan.tiles:
        covered[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] += 1
    assert covered.max() == 1
    dark = clean.mean(axis=2) < 225
    assert covered[dark].all()
    assert [tile.number for tile in plan.tiles] == list(range(len(plan.tiles)))
    assert len(plan.tiles) < 24


@pytest.mark.parametrize("level", [0.5, 2.0])
def test_level_0_may_have_any_pixel_size(clean: Picture, level: float) -> None:
    size = (round(3000 / level), round(2000 / level))
    picture = np.asarray(cv2.resize(clean, size, interpolation=cv2.INTER_AREA), np.uint8)
    plan = tissue_plan(Drawn(picture, level), level)
    assert plan.tissue_mm2 == pytest.approx(AREA, rel=0.04)
    # Coarser than about a micrometre, nothing can be said of the focus.
    assert (Measure.FOCUS in plan.values) == (level < 1.3)


def block(clean: Picture, height: int, width: int, below: int, right: int) -> Picture:
    """A slide of so many pixels with tissue from 64 pixels to its edges ``below`` and ``right``."""
    slide = np.full((height, width, 3), 242, np.uint8)
    slide[64:below, 64:right] = clean[700 : 700 + below - 64, 900 : 900 + right - 64]
    return slide


@pytest.mark.parametrize(("right", "last"), [(704, 21), (736, 22)])
def test_tissue_lies_in_the_cells_that_it_lies_in(clean: Picture, right: int, last: int) -> None:
    """A slide a little larger than whole cells of 32 µm: its last ones reach far beyond it."""
    cells = tissue_plan(Drawn(block(clean, 1000, 968, 672, right)), 1.0).cells
    assert (cells.grid.rows, cells.grid.columns) == (32, 31)
    down, across = np.nonzero(cells.tissue)
    assert (down.max(), across.max()) == (20, last)
    assert cells.haematoxylin is not None and (cells.haematoxylin[:, last + 2 :] < 0.02).all()


def test_the_focus_is_asked_where_most_of_a_square_is_tissue(clean: Picture) -> None:
    """Squares of 256 µm on a slide of 4.3 of them: its third ones hold less than half."""
    plan = tissue_plan(Drawn(block(clean, 1100, 1100, 632, 632)), 1.0)
    assert plan.sharp.shape == (5, 5)
    asked = np.argwhere(np.isfinite(plan.sharp)).tolist()
    assert asked == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_blur_on_half_the_slide_is_half_the_tissue(clean: Picture) -> None:
    half = clean.copy()
    half[:, :1500] = cv2.GaussianBlur(clean, (0, 0), 2)[:, :1500]
    found = tissue_plan(Drawn(half), 1.0).artefacts
    assert found.blur_share == pytest.approx(0.5, abs=0.08)
    assert found.pen_share == found.fold_share == 0
    assert {one.kind for one in found.regions} == {"blur"}


def test_pen_and_fold_have_their_share_and_their_region(clean: Picture) -> None:
    spoilt = inked(folded(clean, (800, 800), (1400, 900), 80), "green", (1700, 900), (2300, 1200))
    found = tissue_plan(Drawn(spoilt), 1.0).artefacts
    assert {(one.kind, one.name) for one in found.regions} == {("pen", "green"), ("fold", "")}
    assert found.pen_share == pytest.approx(670 * 120 / 1e6 / AREA, rel=0.35)
    assert found.fold_share == pytest.approx(608 * 80 / 1e6 / AREA, rel=0.35)
    assert found.share == pytest.approx(found.pen_share + found.fold_share, abs=0.005)


def test_a_mark_on_glass_is_no_tissue(clean: Picture) -> None:
    marked = tissue_plan(Drawn(inked(clean, "black", (100, 100), (700, 100))), 1.0)
    assert marked.tissue_mm2 == pytest.approx(AREA, rel=0.03)
    assert marked.artefacts.pen_share == 0
    assert [one.name for one in marked.artefacts.regions] == ["black"]


def test_glass_alone_gives_an_empty_plan() -> None:
    plan = tissue_plan(Drawn(np.full((1500, 1500, 3), 240, np.uint8)), 1.0)
    assert plan.tiles == ()
    assert plan.tissue == ()
    assert plan.tissue_mm2 == 0
    assert set(plan.values) == {Measure.WHITE, Measure.CAST, Measure.ANGLE}


def test_what_is_kept_is_plain(clean: Picture) -> None:
    kept = tissue_plan(Drawn(clean), 1.0).kept()
    assert kept["white"] == pytest.approx([242, 242, 242], abs=1)
    assert kept["values"]["white"] == pytest.approx(242, abs=1)


def test_the_same_slide_gives_the_same_plan(clean: Picture) -> None:
    first, again = (tissue_plan(Drawn(clean), 1.0) for _ in range(2))
    assert first.kept() == again.kept()
    np.testing.assert_array_equal(first.sharp, again.sharp)
