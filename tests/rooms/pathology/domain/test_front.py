"""The front lies where tumour meets tissue, in the stated width, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.rooms.pathology.domain.front import front_regions, invasive_front
from countersign.rooms.pathology.domain.tissue_grid import grid_over

GRID = grid_over(16_000, 16_000, 0.25, 32.0)
"""4 × 4 mm in 125 × 125 cells."""


def test_the_band_is_as_wide_as_stated_on_both_sides() -> None:
    tissue = np.ones((125, 125), np.bool_)
    tumour = np.zeros_like(tissue)
    tumour[:, :60] = True
    front = invasive_front(tumour, tissue, GRID, 500.0)
    assert front.inner.sum(axis=1) == pytest.approx(np.full(125, 500 / 32), abs=1)
    assert front.outer.sum(axis=1) == pytest.approx(np.full(125, 500 / 32), abs=1)
    assert front.inner[5, 59]
    assert front.outer[5, 60]
    assert not (front.inner & front.outer).any()
    np.testing.assert_array_equal(front.inner | front.centre, tumour)
    assert {one.name for one in front_regions(front, GRID)} == {"inner", "outer"}


def test_the_edge_of_the_section_is_no_front() -> None:
    tissue = np.zeros((125, 125), np.bool_)
    tissue[20:100, 20:100] = True
    front = invasive_front(tissue, tissue, GRID)
    assert not front.inner.any()
    assert not front.outer.any()
    np.testing.assert_array_equal(front.centre, tissue)


def test_no_tumour_no_front() -> None:
    tissue = np.ones((125, 125), np.bool_)
    front = invasive_front(np.zeros_like(tissue), tissue, GRID)
    assert not front.inner.any()
    assert not front.outer.any()
    assert front_regions(front, GRID) == ()
