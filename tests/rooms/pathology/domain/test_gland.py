"""Glands are outlined with their lumen, measured, and said to look benign or malignant."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.gland import (
    gland_mask,
    glands,
    malignancy,
    suspicious,
)
from countersign.rooms.pathology.domain.gland_pixels import MPP, prepared, strength
from countersign.rooms.pathology.domain.tissue_grid import Grid, area_mm2, raster

GRID = Grid(500.0, 700.0, 2.0, 200, 300, 0.62)


def two_glands() -> np.ndarray:
    """Probabilities of a ring with an empty lumen and of a solid disc."""
    drawn = np.full((200, 300), 0.05, np.float32)
    cv2.circle(drawn, (80, 100), 50, 0.9, 16)
    cv2.circle(drawn, (220, 100), 30, 0.8, -1)
    drawn[5:9, 5:9] = 0.9
    return drawn


def test_a_lumen_belongs_to_its_gland_and_specks_are_none() -> None:
    mask = gland_mask(two_glands(), MPP)
    assert mask[100, 80]
    assert mask[100, 220]
    assert not mask[6, 6]
    assert mask.sum() == pytest.approx(np.pi * (58**2 + 30**2), rel=0.03)


def test_each_gland_has_its_outline_on_the_slide_its_area_and_its_look() -> None:
    mask = gland_mask(two_glands(), MPP)
    malignant = np.zeros_like(two_glands())
    malignant[:, 150:] = 0.9
    large, small = glands(mask, malignant, GRID)
    assert large.area == pytest.approx(np.pi * 58**2 * MPP**2, rel=0.03)
    assert large.malignant == 0
    assert small.malignant == pytest.approx(0.9, abs=1e-5)
    assert large.region.kind == "gland"
    assert large.roundness > 0.8
    assert large.filled > 0.95
    middle = large.region.outline.points.mean(axis=0)
    assert middle == pytest.approx((500 + 80 * 2, 700 + 100 * 2), abs=4)
    assert area_mm2([large.region], 0.62) * 1e6 == pytest.approx(large.area, rel=0.04)
    both = raster([large.region, small.region], GRID)
    assert (both ^ mask).sum() < 0.02 * mask.sum()
    assert suspicious([large, small]) == pytest.approx(small.area / (large.area + small.area))


def test_a_branching_gland_fills_less_of_its_hull() -> None:
    drawn = np.zeros((200, 300), np.float32)
    drawn[90:110, 40:260] = drawn[20:180, 140:160] = 0.9
    (cross,) = glands(gland_mask(drawn, MPP), drawn, GRID)
    assert cross.filled < 0.6
    assert cross.roundness < 0.4


def test_the_look_of_a_field_weighs_by_how_sure_a_gland_is() -> None:
    probability = np.zeros((10, 10), np.float32)
    probability[:5], probability[5:] = 0.9, 0.6
    malignant = np.zeros((10, 10), np.float32)
    malignant[:5] = 1.0
    mask = np.ones((10, 10), np.bool_)
    assert malignancy(mask, probability, malignant) == pytest.approx(0.6)
    assert malignancy(np.zeros_like(mask), probability, malignant) is None


def test_without_glands_nothing_is_said() -> None:
    nothing = np.zeros((50, 50), np.float32)
    assert glands(gland_mask(nothing, MPP), nothing, GRID) == ()
    assert suspicious(()) is None


def test_the_networks_input_does_not_depend_on_the_strength_of_the_stain() -> None:
    chance = np.random.default_rng(1)
    density = chance.uniform(0.3, 1.0, (40, 40, 3)).astype(np.float32)
    strong, pale = ((256 * 10 ** -(density * by) - 1).round() for by in (1.0, 0.7))
    first, second = (prepared(one.clip(0, 255).astype(np.uint8)) for one in (strong, pale))
    assert first.shape == (3, 40, 40)
    np.testing.assert_allclose(first, second, atol=0.06)


def test_glass_alone_has_a_strength_too() -> None:
    assert (strength(np.zeros((5, 5, 3), np.float32)) > 0).all()
