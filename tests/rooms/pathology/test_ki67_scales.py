"""One and the same tissue, scanned with pixels of another size, has the same nuclei and index."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countersign.ground.imaging.generated.ihc import draw_ihc
from countersign.rooms.pathology.domain.ki67_scale import scale_of
from countersign.rooms.pathology.domain.measured import Nuclei, Plan, Tile
from countersign.rooms.pathology.inference.ki67 import Ki67
from rooms.pathology.ihc import WHITE, Painted, drawn

Picture = NDArray[np.uint8]
FINE, SIDE, GLASS = 0.145, 2700, 200


@pytest.fixture(scope="module")
def fine() -> Picture:
    """0.11 mm² of drawn tissue at 0.145 µm a pixel, glass around it."""
    tissue = np.zeros((SIDE, SIDE), np.bool_)
    tissue[GLASS:-GLASS, GLASS:-GLASS] = True
    return draw_ihc(5, SIDE, SIDE, FINE, 0.25, tissue).pixels


def scanned(picture: Picture, mpp: float) -> tuple[Painted, Plan]:
    """As a scanner of other pixels sees it, and what is planned for it."""
    side = round(SIDE * FINE / mpp)
    seen = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    slide = Painted(np.asarray(seen, np.uint8), SIDE * FINE / side)
    return slide, Ki67().plan(slide)


def measured(slide: Painted, plan: Plan) -> tuple[int, float]:
    """How many nuclei, and the index."""
    analysis = Ki67()
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    return len(nuclei), analysis.finish(slide, plan, nuclei).figures["index"]


@pytest.mark.parametrize("mpp", [0.22, 0.29, 0.325, 0.5])
def test_the_pixels_of_a_scanner_decide_neither_count_nor_index(fine: Picture, mpp: float) -> None:
    nuclei, index = measured(*scanned(fine, 0.25))
    others, its = measured(*scanned(fine, mpp))
    assert others == pytest.approx(nuclei, rel=0.06)
    assert its == pytest.approx(index, abs=0.03)


@pytest.mark.parametrize("mpp", [0.22, 0.25, 0.29, 0.325, 0.5])
def test_focus_is_judged_at_one_micrometre_whatever_the_pixels(fine: Picture, mpp: float) -> None:
    _, sharp = scanned(fine, mpp)
    assert sharp.kept["blurred"] == 0
    soft = np.asarray(cv2.GaussianBlur(fine, (0, 0), 1.5 / FINE), np.uint8)
    assert scanned(soft, mpp)[1].kept["blurred"] == 1


SLIDES = {mpp: drawn(1300, 1100, 0.3, seed=4, mpp=mpp) for mpp in (0.22, 0.325, 1.1)}


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(sorted(SLIDES)), st.lists(st.integers(1, 20), max_size=2, unique=True))
def test_any_tiling_gives_the_same_nuclei(mpp: float, cuts: list[int]) -> None:
    """Rectangles begin where plans let them, the last is cut at the slide's edge; 64 µm around.
    Places are of single precision, counted from a rectangle's corner."""
    analysis, pixels = Ki67(), SLIDES[mpp].pixels.copy()
    pixels[:, :250] = WHITE  # glass on one side alone: on the other, tissue is cut
    slide = Painted(pixels, mpp)
    plan, corner = analysis.plan(slide), scale_of(mpp).corner
    margin = -(-round(64 / mpp) // corner) * corner

    def found(*ends: int) -> NDArray[np.float64]:
        sides = [(left, right) for left, right in zip((0, *ends), (*ends, 1300), strict=True)]
        tiles = [Tile(0, left, 0, right - left, 1100, margin) for left, right in sides]
        nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in tiles])
        rows = np.stack([nuclei.x, nuclei.y, nuclei.area, nuclei.stain], 1).astype(np.float64)
        return rows[np.lexsort((rows[:, 0], rows[:, 1].round(1)))]

    ends = sorted(corner * one for one in cuts if corner * one < 1300)
    assert len(found()) > 200
    assert np.allclose(found(*ends), found(), rtol=0, atol=2e-3)
