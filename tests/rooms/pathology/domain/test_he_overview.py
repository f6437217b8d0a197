"""Tissue is outlined with its holes, and tiles cover it once."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.pathology.domain.he_overview import outlined, tiled, tissue_of

WHITE = (245.0, 245.0, 245.0)


def pink(mask: np.ndarray) -> np.ndarray:
    image = np.full((*mask.shape, 3), 244, np.uint8)
    image[mask] = (220, 150, 190)
    return image


def ring() -> np.ndarray:
    rows, columns = np.ogrid[:120, :160]
    away = np.hypot(rows - 60, columns - 70)
    return (away < 40) & (away > 15)


def test_tissue_is_what_is_stained() -> None:
    found = tissue_of(pink(ring()), WHITE, 8.0)
    assert (found == ring()).mean() > 0.98


def test_crumbs_and_black_edges_are_no_tissue() -> None:
    image = pink(ring())
    image[2:5, 2:5] = (220, 150, 190)
    image[:, 150:] = 3
    found = tissue_of(image, WHITE, 8.0)
    assert not found[:10, :10].any()
    assert not found[:, 153:].any()


def test_a_ring_is_one_region_with_a_hole() -> None:
    (region,) = outlined(ring(), 16.0)
    assert region.kind == "tissue"
    assert len(region.holes) == 1
    points = region.outline.points
    assert points.dtype == np.float32
    assert abs(points[:, 0].mean() - 70.5 * 16) < 32
    assert (points.max(0) < (112 * 16, 102 * 16)).all()


def test_nothing_has_no_outline() -> None:
    assert outlined(np.zeros((9, 9), np.bool_), 4.0) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(40, 900),
    st.integers(40, 900),
    st.integers(16, 300),
    st.floats(1, 40),
    st.integers(0, 10**6),
)
def test_tiles_meet_without_gap_or_overlap(
    width: int, height: int, side: int, downsample: float, seed: int
) -> None:
    shape = (max(1, round(height / downsample)), max(1, round(width / downsample)))
    mask = np.random.default_rng(seed).random(shape) < 0.3
    tiles = tiled(mask, downsample, (width, height), side, 7)
    covered = np.zeros((height, width), np.uint8)
    for number, tile in enumerate(tiles):
        assert tile.number == number
        assert tile.x + tile.width <= width
        assert tile.y + tile.height <= height
        covered[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] += 1
    assert covered.max(initial=0) <= 1
    rows, columns = np.nonzero(mask)
    y = np.minimum(((rows + 0.5) * downsample).astype(int), height - 1)
    x = np.minimum(((columns + 0.5) * downsample).astype(int), width - 1)
    assert covered[y, x].all()
