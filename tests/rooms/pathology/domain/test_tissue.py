"""The tumour is outlined where its nuclei are, and necrosis only where it may be."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType
from countersign.rooms.pathology.domain.tissue import (
    Cells,
    TissueClass,
    smoothed_density,
    tissue_classes,
    tumour_mask,
    tumour_nuclei,
    tumour_regions,
)
from countersign.rooms.pathology.domain.tissue_grid import area_mm2, grid_over
from rooms.pathology.domain.invented import nuclei, scattered

GRID = grid_over(8000, 6000, 0.5, 32.0)
"""4 × 3 mm."""

EVERYWHERE = np.ones((GRID.rows, GRID.columns), np.bool_)


def stroma_with_two_nests(gap: float = 200.0) -> Nuclei:
    """Two nests of 800 µm side by side, ``gap`` µm apart, in stroma."""
    far = 2000 + 1600 + gap / 0.5
    return Nuclei.joined(
        [
            scattered(0, 0, 8000, 6000, 900, NucleusType.STROMAL),
            scattered(2000, 2000, 3600, 3600, 6000, NucleusType.TUMOUR, seed=2),
            scattered(far, 2000, far + 1600, 3600, 6000, NucleusType.TUMOUR, seed=3),
        ]
    )


def test_nests_are_tumour_and_the_rest_is_stroma() -> None:
    found = tissue_classes(stroma_with_two_nests(), Cells(GRID, EVERYWHERE))
    area = {one: float((found == one).sum()) * GRID.cell_mm2 for one in TissueClass}
    assert area[TissueClass.TUMOUR] == pytest.approx(2 * 0.64, rel=0.12)
    assert area[TissueClass.STROMA] == pytest.approx(12 - 1.28, rel=0.03)
    assert area[TissueClass.BACKGROUND] == area[TissueClass.NECROSIS] == 0


def test_stroma_between_near_nests_belongs_to_the_tumour_but_not_between_far_ones() -> None:
    near = tissue_classes(stroma_with_two_nests(200), Cells(GRID, EVERYWHERE))
    far = tissue_classes(stroma_with_two_nests(900), Cells(GRID, EVERYWHERE))
    assert len(tumour_regions(near, GRID)) == 1
    assert len(tumour_regions(far, GRID)) == 2
    (joined,) = tumour_regions(near, GRID)
    assert area_mm2([joined], 0.5) == pytest.approx(1.28 + 0.16, rel=0.12)


def test_no_tissue_no_class() -> None:
    bare = np.zeros_like(EVERYWHERE)
    assert not tissue_classes(stroma_with_two_nests(), Cells(GRID, bare)).any()
    assert tumour_regions(np.zeros((GRID.rows, GRID.columns), np.uint8), GRID) == ()


def test_normal_epithelium_is_not_the_tumours() -> None:
    glands = scattered(1000, 1000, 3000, 3000, 6000, NucleusType.EPITHELIAL)
    found = tissue_classes(glands, Cells(GRID, EVERYWHERE))
    assert (found == TissueClass.EPITHELIUM).any()
    assert not (found == TissueClass.TUMOUR).any()


def test_necrosis_is_blue_without_nuclei_and_collagen_is_not() -> None:
    living = scattered(2000, 2000, 3600, 3600, 6000, NucleusType.TUMOUR)
    blue = np.full((GRID.rows, GRID.columns), 0.05, np.float32)
    blue[31:57, 31:57] = 0.5
    blue[60:80, 31:57] = 0.3
    classes = tissue_classes(living, Cells(GRID, EVERYWHERE, blue))
    assert (classes[63:77, 35:53] == TissueClass.NECROSIS).all()
    assert (classes[:25] == TissueClass.STROMA).all()
    without = tissue_classes(living, Cells(GRID, EVERYWHERE))
    assert not (without == TissueClass.NECROSIS).any()


def test_necrosis_without_living_tumour_is_no_tumour() -> None:
    classes = np.full((GRID.rows, GRID.columns), TissueClass.STROMA, np.uint8)
    classes[10:40, 10:40] = TissueClass.NECROSIS
    assert not tumour_mask(classes, GRID).any()
    classes[38:44, 20:30] = TissueClass.TUMOUR
    assert tumour_mask(classes, GRID)[20, 20]


def test_untyped_nuclei_count_by_their_probability() -> None:
    where = np.arange(3.0)
    found = Nuclei.joined(
        [
            nuclei(where, where, NucleusType.UNTYPED, 0.9),
            nuclei(where, where, NucleusType.UNTYPED, 0.1),
            nuclei(where, where, NucleusType.STROMAL, 0.9),
        ]
    )
    assert tumour_nuclei(found).tolist() == [True] * 3 + [False] * 6


def test_density_is_not_thinned_at_the_edge_of_the_tissue() -> None:
    half = EVERYWHERE.copy()
    half[:, GRID.columns // 2 :] = False
    found = scattered(0, 0, 4000, 6000, 3000, NucleusType.STROMAL)
    dense = smoothed_density(found, np.ones(len(found), np.bool_), Cells(GRID, half), 100.0)
    inner = dense[10:-10, 10 : GRID.columns // 2 - 10].mean()
    edge = dense[10:-10, GRID.columns // 2 - 2].mean()
    assert inner == pytest.approx(3000, rel=0.05)
    assert edge == pytest.approx(3000, rel=0.1)
    assert not dense[:, GRID.columns // 2 + 1 :].any()
