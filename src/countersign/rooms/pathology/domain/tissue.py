"""Tissue classes cell by cell, made from typed nuclei, and the outline of the tumour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, closed, opened, outlines

Floats = NDArray[np.float32]

CELL = 32.0
"""Micrometres of a cell: three or four tumour cells side by side."""


class TissueClass(IntEnum):
    """What most of a cell is."""

    BACKGROUND = 0
    STROMA = 1
    TUMOUR = 2
    NECROSIS = 3
    EPITHELIUM = 4
    """Epithelium that is not the tumour's, such as normal glands."""


@dataclass(frozen=True, slots=True)
class Classing:
    """Where one class ends. Choices of this program, tried on generated slides only.

    Densities in nuclei per mm² after smoothing by ``spread`` µm. Solid tumour holds 5,000 to
    10,000 nuclei per mm², fibrous stroma 500 to 2,000; ``epithelial`` lies between. ``sparse`` is
    where so few nuclei are left that tissue stained by haematoxylin must be debris; ``debris``
    is the share of the epithelium's own haematoxylin that it must have.
    """

    spread: float = 40.0
    epithelial: float = 1800.0
    sparse: float = 250.0
    debris: float = 0.35


@dataclass(frozen=True, slots=True)
class Cells:
    """The raster of a slide: where there is tissue, and the mean optical density of haematoxylin
    in each cell (None where the overview was not unmixed: then nothing is called necrosis).
    ``looked`` are the cells that the second opinion on TILs looked at, ``dark`` the share of each
    that lies under what it takes for lymphocytes; None where nothing was looked at."""

    grid: Grid
    tissue: Mask
    haematoxylin: Floats | None = None
    looked: Mask | None = None
    dark: Floats | None = None


def smoothed_density(nuclei: Nuclei, chosen: Mask, cells: Cells, spread: float) -> Floats:
    """Nuclei per mm² of tissue in each cell, smoothed by a Gaussian of ``spread`` µm.

    The number of nuclei and the area of tissue are smoothed alike and then divided, so that the
    edge of the tissue is not thinned. Where there is no tissue it is 0.
    """
    grid = cells.grid
    sigma = max(spread / grid.micrometres, 0.3)
    counted = grid.counts(nuclei.x[chosen], nuclei.y[chosen])
    many = _gaussian(np.where(cells.tissue, counted, 0).astype(np.float32), sigma)
    area = _gaussian(cells.tissue.astype(np.float32), sigma) * np.float32(grid.cell_mm2)
    dense = many / np.maximum(area, np.float32(grid.cell_mm2 * 0.05))
    return np.where(cells.tissue, dense, 0).astype(np.float32)


def _gaussian(values: Floats, sigma: float) -> Floats:
    made = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(made, np.float32)


def tumour_nuclei(nuclei: Nuclei) -> Mask:
    """Those typed as the tumour's, and untyped ones that are more likely the tumour's than not."""
    typed = nuclei.type == NucleusType.TUMOUR
    return typed | ((nuclei.type == NucleusType.UNTYPED) & (nuclei.tumour >= 0.5))


def tissue_classes(
    nuclei: Nuclei, cells: Cells, classing: Classing | None = None
) -> NDArray[np.uint8]:
    """A TissueClass for each cell, uint8 (rows, columns)."""
    by = classing or Classing()
    tumour = smoothed_density(nuclei, tumour_nuclei(nuclei), cells, by.spread)
    normal = smoothed_density(nuclei, nuclei.type == NucleusType.EPITHELIAL, cells, by.spread)
    every = smoothed_density(nuclei, np.ones(len(nuclei), np.bool_), cells, by.spread)
    found = np.where(cells.tissue, TissueClass.STROMA, TissueClass.BACKGROUND).astype(np.uint8)
    is_tumour = cells.tissue & (tumour >= by.epithelial) & (tumour >= normal)
    is_normal = cells.tissue & (normal >= by.epithelial) & (normal > tumour)
    found[is_tumour] = TissueClass.TUMOUR
    found[is_normal] = TissueClass.EPITHELIUM
    if cells.haematoxylin is not None and is_tumour.any():
        own = float(np.median(cells.haematoxylin[is_tumour]))
        dead = cells.tissue & (every < by.sparse) & (cells.haematoxylin >= by.debris * own)
        found[opened(dead, 1)] = TissueClass.NECROSIS
    return found


@dataclass(frozen=True, slots=True)
class Bordering:
    """How nests become one tumour. ``bridge`` µm is the widest stroma between two nests that
    still belongs to the tumour's region; smaller islands and holes than these areas are dropped.
    Choices of this program: the definition says “within the borders of the invasive tumour” and
    leaves the border to the pathologist, whose own outline always comes first."""

    bridge: float = 250.0
    island_mm2: float = 0.02
    hole_mm2: float = 0.10


def tumour_mask(classes: NDArray[np.uint8], grid: Grid, by: Bordering | None = None) -> Mask:
    """The cells inside the borders of the tumour: nests, the stroma between them, necrosis."""
    how = by or Bordering()
    nests = (classes == TissueClass.TUMOUR) | (classes == TissueClass.NECROSIS)
    joined = closed(nests, how.bridge / 2 / grid.micrometres)
    joined &= classes != TissueClass.BACKGROUND
    kept = _without_small(joined, how.island_mm2 / grid.cell_mm2)
    filled = ~_without_small(~kept, how.hole_mm2 / grid.cell_mm2)
    # Necrosis alone, without a living tumour cell beside it, is not called a tumour.
    return _touching(filled, classes == TissueClass.TUMOUR)


def tumour_regions(
    classes: NDArray[np.uint8], grid: Grid, by: Bordering | None = None
) -> tuple[Region, ...]:
    """The outline of the tumour with holes, the largest part first; kind ``tumour``."""
    how = by or Bordering()
    return outlines(tumour_mask(classes, grid, how), grid, "tumour", how.island_mm2 / 2)


def _without_small(mask: Mask, cells: float) -> Mask:
    """Connected areas (8 neighbours) of at least so many cells."""
    number, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    keep = np.asarray(stats)[:, cv2.CC_STAT_AREA] >= cells
    keep[0] = False
    return keep[np.asarray(labels, np.int32)] if number > 1 else np.zeros_like(mask)


def _touching(mask: Mask, seed: Mask) -> Mask:
    """Connected areas of ``mask`` that hold a cell of ``seed``."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    told = np.asarray(labels, np.int32)
    keep = np.zeros(int(told.max()) + 1, np.bool_)
    keep[np.unique(told[seed & mask])] = True
    keep[0] = False
    return keep[told]
