"""Ki-67 is brought to one micrometre a pixel, and a pixel is the same wherever one begins."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.pathology.domain.kernel_planes import BLOCK
from countersign.rooms.pathology.domain.ki67_plan import GRID
from countersign.rooms.pathology.domain.ki67_scale import Scale, scale_of

LARGE = 12
"""Blocks of ``GRID`` level-0 pixels a side of the picture below."""


@pytest.mark.parametrize(("mpp", "down"), [(0.125, 8), (0.2461, 4), (0.25, 4), (0.5, 2), (1.0, 1)])
def test_what_lies_at_one_micrometre_anyway_is_not_resized(mpp: float, down: int) -> None:
    scale = scale_of(mpp)
    assert (scale.down, scale.step, scale.corner) == (down, float(down), GRID)
    picture = np.zeros((8, 8, 3), np.uint8)
    assert scale.as_read and scale.resized(picture) is picture and scale.asked(1001) == 1001


@given(st.floats(0.2, 1.3))
def test_the_working_grid_lies_within_four_hundredths_of_a_micrometre(mpp: float) -> None:
    scale = scale_of(mpp)
    assert abs(mpp * scale.step - 1) < 0.04
    assert scale.read % 1 == 0 and scale.down * scale.read == GRID
    assert scale.read >= scale.across or scale.down == 1, "nothing is read too coarsely"


@given(st.floats(0.051, 1.3), st.integers(1, 40), st.integers(1, 4000))
def test_whole_pixels_and_blocks_lie_on_one_grid_of_the_slide(
    mpp: float, corners: int, side: int
) -> None:
    scale = scale_of(mpp)
    at = corners * scale.corner
    assert at % GRID == 0 and at // GRID * scale.across % BLOCK == 0
    asked = scale.asked(side)
    assert side <= asked < side + GRID
    assert scale.as_read or asked % GRID == 0


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0.22, 0.2325, 0.29, 0.325, 0.46, 0.65, 0.8, 1.1, 1.25]), st.data())
def test_a_pixel_does_not_depend_on_where_a_rectangle_begins(
    mpp: float, data: st.DataObject
) -> None:
    scale = scale_of(mpp)
    chance = np.random.default_rng(3)
    side = LARGE * scale.read
    picture = chance.integers(0, 256, (side, side, 3), dtype=np.uint8)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1), np.uint8)
    left, top = data.draw(st.integers(0, LARGE - 2)), data.draw(st.integers(0, LARGE - 2))
    part = np.ascontiguousarray(picture[top * scale.read :, left * scale.read :])
    whole = scale.resized(picture)[top * scale.across :, left * scale.across :]
    rim = 0 if scale.across < scale.read else 4  # beyond the picture cubic weights take its edge
    assert np.array_equal(whole[rim:, rim:], scale.resized(part)[rim:, rim:])


def test_a_plan_keeps_it_as_two_whole_numbers() -> None:
    assert Scale(*[4, 14]) == scale_of(0.22)
