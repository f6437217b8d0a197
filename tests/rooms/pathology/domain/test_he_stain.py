"""Haematoxylin and eosin are told apart on slides of other colours and lights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from countersign.rooms.pathology.domain.he_stain import (
    EOSIN,
    HAEMATOXYLIN,
    density,
    estimate,
    reference,
    separated,
    white_point,
)
from rooms.pathology.he_slide import drawn


def painted(first: tuple[float, ...], second: tuple[float, ...], white: float) -> np.ndarray:
    """A strip of bare glass, and both stains in many amounts."""
    chance = np.random.default_rng(2)
    amounts = chance.gamma(1.2, 0.4, (200, 200, 2))
    amounts[:20] = 0
    vectors = [np.array(one) / np.linalg.norm(one) for one in (first, second)]
    dense = amounts[..., :1] * vectors[0] + amounts[..., 1:] * vectors[1]
    return np.clip((white + 1) * np.exp(-dense) - 1, 0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("white", [255.0, 232.0, 215.0])
def test_the_glass_is_white_whatever_the_lamp(white: float) -> None:
    found = white_point(painted(HAEMATOXYLIN, EOSIN, white))
    assert found == pytest.approx((white, white, white), abs=1)


@pytest.mark.parametrize("white", [232.0, 222.0, 215.0])
@pytest.mark.parametrize("share", [0.005, 0.03, 0.3])
def test_what_was_not_scanned_is_not_the_glass(white: float, share: float) -> None:
    """A scanner's pure white beside glass of a weaker lamp, and noise on the glass."""
    slide = painted(HAEMATOXYLIN, EOSIN, white)
    slide[:20] += np.random.default_rng(4).integers(0, 4, (20, 200, 3), dtype=np.uint8)
    rows = round(share * len(slide) / (1 - share))
    canvas = np.concatenate([slide, np.full((rows, 200, 3), 255, np.uint8)])
    assert white_point(canvas) == pytest.approx(white_point(slide), abs=1)
    assert white_point(canvas) == pytest.approx((white + 2,) * 3, abs=2)


def test_a_picture_that_is_white_alone_is_glass() -> None:
    assert white_point(np.full((9, 9, 3), 255, np.uint8)) == (255.0, 255.0, 255.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [(HAEMATOXYLIN, EOSIN), ((0.72, 0.63, 0.28), (0.12, 0.97, 0.2))],
)
def test_the_stain_of_a_slide_is_found(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    stain = estimate(painted(first, second, 240))
    assert stain.estimated
    for found, true in zip(stain.vectors, (first, second), strict=True):
        assert np.dot(found, true) / np.linalg.norm(true) > 0.985


def test_another_stain_is_not_believed() -> None:
    green = estimate(painted((0.9, 0.1, 0.4), (0.2, 0.1, 0.97), 240))
    assert not green.estimated
    assert green.vectors == reference().vectors


def test_too_little_tissue_leaves_the_reference() -> None:
    assert not estimate(np.full((50, 50, 3), 240, np.uint8)).estimated


def test_nuclei_hold_the_haematoxylin() -> None:
    cells = drawn(256, 1, cells=12)
    first, _ = separated(cells.image, estimate(cells.image))
    inside = first[cells.labels > 0].mean()
    assert inside > 5 * first[cells.labels == 0].mean()


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, (5, 4, 3)))
def test_densities_are_never_negative_or_lost(image: np.ndarray) -> None:
    dense = density(image, (240.0, 250.0, 230.0))
    assert dense.dtype == np.float32
    assert (dense >= 0).all()
    for plane in separated(image, reference()):
        assert plane.shape == image.shape[:2]
        assert np.isfinite(plane).all()
        assert (plane >= 0).all()


@given(st.integers(0, 254))
def test_darker_is_denser(level: int) -> None:
    pair = np.array([[[level] * 3, [level + 1] * 3]], np.uint8)
    dense = density(pair, (255.0, 255.0, 255.0))
    assert dense[0, 0, 0] > dense[0, 1, 0]
