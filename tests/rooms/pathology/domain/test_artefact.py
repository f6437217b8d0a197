"""Pen, folds and blur are found where they were drawn, and clean tissue is left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.artefact import Ink, Overview, folds, inks, tissue_mask
from countersign.rooms.pathology.domain.artefact_focus import SHARP, sharpness
from countersign.rooms.pathology.domain.tissue_grid import Grid
from countersign.rooms.pathology.domain.tissue_light import (
    DAB,
    EOSIN,
    HAEMATOXYLIN,
    amounts,
    angle,
    densities,
    white_point,
)
from rooms.pathology.drawn import PENS, Picture, folded, inked, light, tissue

WHITE = (242.0, 242.0, 242.0)


def overview(picture: Picture) -> Overview:
    """The picture at 8 µm a pixel."""
    high, wide = picture.shape[0] // 8, picture.shape[1] // 8
    small = np.asarray(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
    grid = Grid(0.0, 0.0, 8.0, high, wide, 1.0)
    dense = densities(small, WHITE)
    return Overview(dense, tissue_mask(dense, grid), grid)


@pytest.fixture(scope="module")
def clean() -> Picture:
    return tissue(1600, 2400)


def test_clean_tissue_has_neither_pen_nor_fold(clean: Picture) -> None:
    seen = overview(clean)
    assert inks(seen) == {}
    assert not folds(seen, np.zeros_like(seen.tissue)).any()
    drawn = np.pi * (2400 * 2 // 5) * (1600 * 2 // 5) / 1e6
    assert seen.tissue.sum() * seen.grid.cell_mm2 == pytest.approx(drawn, rel=0.03)


def test_glass_alone_is_no_tissue() -> None:
    assert not overview(np.full((800, 800, 3), 240, np.uint8)).tissue.any()


@pytest.mark.parametrize("pen", sorted(PENS))
def test_each_pen_is_found_by_its_colour(clean: Picture, pen: str) -> None:
    stroke = (700, 600), (1700, 900)
    found = inks(overview(inked(clean, pen, *stroke)))
    assert list(found) == [Ink(pen)]
    true = cv2.line(np.zeros(clean.shape[:2], np.uint8), *stroke, 1, 120)
    small = cv2.resize(true, (300, 200), interpolation=cv2.INTER_AREA) > 0
    overlap = 2 * (found[Ink(pen)] & small).sum() / (found[Ink(pen)].sum() + small.sum())
    assert overlap > 0.85


def test_brown_stain_is_no_pen() -> None:
    chance = np.random.default_rng(2)
    brown = cv2.GaussianBlur(chance.uniform(0, 2, (800, 800)).astype(np.float32), (0, 0), 6)
    blue = cv2.GaussianBlur(chance.uniform(0, 1, (800, 800)).astype(np.float32), (0, 0), 6)
    picture = light(brown[..., None] * DAB + blue[..., None] * HAEMATOXYLIN)
    assert inks(overview(picture)) == {}


@pytest.mark.parametrize("wide", [45, 90, 200])
def test_folds_are_found_where_they_lie(clean: Picture, wide: int) -> None:
    ends = (600, 650), (1500, 900)
    seen = overview(folded(clean, *ends, wide))
    found = folds(seen, np.zeros_like(seen.tissue))
    true = cv2.line(np.zeros(clean.shape[:2], np.uint8), *ends, 1, wide)
    small = cv2.resize(true, (300, 200), interpolation=cv2.INTER_AREA) > 0
    assert (found & small).sum() > 0.8 * small.sum()
    assert (found & ~small).sum() < 0.15 * found.sum()


def test_a_round_dense_patch_is_no_fold(clean: Picture) -> None:
    """Such as a lymph follicle."""
    round_patch = folded(clean, (1200, 800), (1201, 800), 280)
    seen = overview(round_patch)
    assert not folds(seen, np.zeros_like(seen.tissue)).any()


@pytest.mark.parametrize("pale", [1.0, 0.5])
def test_blur_is_told_whatever_the_strength_of_the_stain(clean: Picture, pale: float) -> None:
    stained = light(densities(clean, WHITE) * pale)
    patch = stained[700:828, 1100:1228]
    sharp = sharpness(patch, WHITE)
    assert sharp is not None
    assert sharp > SHARP
    for sigma in (1.5, 3.0):
        soft = np.asarray(cv2.GaussianBlur(patch, (0, 0), sigma), np.uint8)
        dull = sharpness(soft, WHITE)
        assert dull is not None
        assert dull < SHARP


def test_nothing_is_said_of_the_focus_of_glass() -> None:
    assert sharpness(np.full((96, 96, 3), 241, np.uint8), WHITE) is None


def test_the_white_point_is_that_of_scanned_glass(clean: Picture) -> None:
    warm = np.clip(clean.astype(np.float32) * (1.0, 0.97, 0.92), 0, 255).astype(np.uint8)
    warm[:200] = 255
    assert white_point(warm) == pytest.approx((242, 234, 222), abs=2)


def test_stains_are_taken_apart() -> None:
    first = np.linspace(0, 1, 50, dtype=np.float32)
    second = np.linspace(1, 0, 50, dtype=np.float32)
    mixed = first[:, None] * HAEMATOXYLIN + second[:, None] * EOSIN
    one, two = amounts(mixed[None].astype(np.float32), HAEMATOXYLIN, EOSIN)
    length = np.linalg.norm(HAEMATOXYLIN), np.linalg.norm(EOSIN)
    assert one[0] == pytest.approx(first * length[0], abs=1e-4)
    assert two[0] == pytest.approx(second * length[1], abs=1e-4)
    assert angle(HAEMATOXYLIN, HAEMATOXYLIN) == pytest.approx(0, abs=1e-3)
    assert angle((1, 0, 0), (0, 2, 0)) == pytest.approx(90)
