"""Regions and rasters say the same area in the same place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from countersign.rooms.pathology.domain.measured import Region, Ring
from countersign.rooms.pathology.domain.tissue_grid import (
    Grid,
    area_mm2,
    closed,
    grid_over,
    opened,
    outlines,
    raster,
)

GRID = Grid(1000.0, 2000.0, 64.0, 60, 80, 0.5)


def test_a_grid_covers_the_slide() -> None:
    grid = grid_over(10_001, 5_000, 0.25, 32.0)
    assert (grid.cell, grid.rows, grid.columns) == (128.0, 40, 79)
    assert grid.cell_mm2 == pytest.approx(0.032**2)


def test_a_square_with_a_hole_comes_back_with_its_area() -> None:
    mask = np.zeros((60, 80), np.bool_)
    mask[10:40, 20:60] = True
    mask[20:30, 30:40] = False
    (region,) = outlines(mask, GRID, "tumour")
    assert region.kind == "tumour"
    assert len(region.holes) == 1
    # Corners are rounded and outlines run an eighth of a cell inside.
    assert area_mm2([region], 0.5) == pytest.approx(1100 * GRID.cell_mm2, rel=0.03)
    low = region.outline.points.min(axis=0)
    assert low == pytest.approx((1000 + 20 * 64, 2000 + 10 * 64), abs=64 / 4)
    np.testing.assert_array_equal(raster([region], GRID), mask)


def test_small_areas_are_left_out_and_small_holes_filled() -> None:
    mask = np.zeros((60, 80), np.bool_)
    mask[5:45, 5:45] = True
    mask[20, 20] = False
    mask[50, 60] = True
    found = outlines(mask, GRID, "tissue", 5 * GRID.cell_mm2)
    assert len(found) == 1
    assert found[0].holes == ()


def test_an_island_in_a_hole_is_a_region_of_its_own() -> None:
    mask = np.zeros((60, 80), np.bool_)
    mask[5:55, 5:55] = True
    mask[15:45, 15:45] = False
    mask[25:35, 25:35] = True
    found = outlines(mask, GRID, "stroma")
    assert [len(one.holes) for one in found] == [1, 0]
    np.testing.assert_array_equal(raster(found, GRID), mask)


def test_a_line_or_a_point_is_no_area() -> None:
    line = Region("drawn", Ring(np.array([[1000, 2000], [2000, 3000]], np.float32)))
    assert not raster([line], GRID).any()
    assert area_mm2([line], 0.5) == 0


@settings(max_examples=40, deadline=None)
@given(some.lists(some.tuples(*[some.integers(2, 50)] * 4), min_size=1, max_size=6))
def test_what_is_drawn_comes_back(squares: list[tuple[int, int, int, int]]) -> None:
    mask = np.zeros((60, 80), np.bool_)
    for top, left, high, wide in squares:
        mask[top : top + 3 + high, left : left + 3 + wide] = True
    back = raster(outlines(mask, GRID, "tissue"), GRID)
    assert (back ^ mask).sum() <= 0.02 * mask.sum() + 2


def test_points_are_counted_where_they_lie() -> None:
    x = np.array([1000, 1063.9, 1064, 999, 99_999], np.float32)
    y = np.array([2000, 2000, 2127, 2000, 2000], np.float32)
    counted = GRID.counts(x, y)
    assert counted[0, 0] == 2
    assert counted[1, 1] == 1
    assert counted.sum() == 3


def test_closing_does_not_reach_over_the_border() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[:, 3] = mask[:, 7] = True
    made = closed(mask, 3)
    assert made[10, 5]
    assert not made[10, 0]
    assert not opened(mask, 1).any()
