"""What the overview of a slide says before anything is measured: tissue, artefacts, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.artefact import (
    Artefacts,
    Overview,
    artefacts,
    folds,
    inks,
    tissue_mask,
)
from countersign.rooms.pathology.domain.artefact_focus import MPP, PATCH, SHARP, sharpness
from countersign.rooms.pathology.domain.control import Measure
from countersign.rooms.pathology.domain.measured import Region, Tile
from countersign.rooms.pathology.domain.tissue import CELL, Cells
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, grid_over, outlines
from countersign.rooms.pathology.domain.tissue_light import (
    EOSIN,
    HAEMATOXYLIN,
    Colour,
    amounts,
    angle,
    densities,
    white_point,
)

OVERVIEW = 8.0
"""Micrometres of a pixel of the overview."""

FOCUS = 256.0
"""Micrometres between two patches whose sharpness is measured."""

LARGEST = 40_000_000
"""Pixels of an overview; a larger slide is looked at more coarsely."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stained:
    """The two stains of the slide as optical densities of red, green and blue."""

    first: Colour = HAEMATOXYLIN
    second: Colour = EOSIN


@dataclass(frozen=True, slots=True)
class TissuePlan:
    """What is known before any tile is measured.

    ``cells`` is the raster of tissue classes (32 µm) with its haematoxylin; ``tissue`` outlines;
    ``sharp`` one number for each square of ``focus_grid`` (NaN where none was measured);
    ``values`` what the control chart takes of this slide; ``tiles`` cover the tissue.
    """

    mpp: float
    white: Colour
    cells: Cells
    tissue: tuple[Region, ...]
    artefacts: Artefacts
    sharp: Floats
    focus_grid: Grid
    tiles: tuple[Tile, ...]
    tissue_mm2: float
    values: dict[Measure, float]

    def kept(self) -> dict[str, Any]:
        """The shares and the white point as numbers, for ``Plan.kept``."""
        return {
            "white": [round(one, 2) for one in self.white],
            "tissue_mm2": round(self.tissue_mm2, 3),
            "pen": round(self.artefacts.pen_share, 4),
            "fold": round(self.artefacts.fold_share, 4),
            "blur": round(self.artefacts.blur_share, 4),
            "values": {name.value: round(one, 4) for name, one in self.values.items()},
        }


def tissue_plan(
    slide: Slide,
    mpp: float,
    stained: Stained | None = None,
    white: Colour | None = None,
    tile: int = 2048,
    margin: int = 64,
) -> TissuePlan:
    """Looks at the whole slide at about 8 µm a pixel, and at patches of 96 µm for the focus.

    ``mpp`` are micrometres of a level-0 pixel, ``tile`` and ``margin`` level-0 pixels. Without
    ``white`` it is estimated; without ``stained`` the published vectors of H&E are taken. A
    slide without tissue gives an empty plan; whether that is an error the analysis decides.
    Raises SlideDamaged.
    """
    level = slide.levels[0]
    downsample = max(1.0, OVERVIEW / mpp, (level.width * level.height / LARGEST) ** 0.5)
    pixels = slide.region(0, 0, level.width, level.height, downsample)
    light = white or white_point(pixels)
    by = stained or Stained()
    cell = level.width / pixels.shape[1]
    grid = Grid(0.0, 0.0, cell, pixels.shape[0], pixels.shape[1], mpp)
    dense = densities(pixels, light)
    overview = Overview(dense, tissue_mask(dense, grid), grid)
    pens = inks(overview)
    ink = np.zeros_like(overview.tissue)
    for mask in pens.values():
        ink |= mask
    # Ink beside the tissue is none; ink upon it stays tissue that cannot be seen.
    overview = Overview(dense, without_ink(overview.tissue, ink, grid), grid)
    folded = folds(overview, ink)
    size = (level.width, level.height)
    sharp, focus_grid = _focus(slide, overview.tissue, ink, grid, light, size)
    blurred = _spread(sharp < SHARP, focus_grid, grid) & overview.tissue
    found = artefacts(overview, pens, folded, blurred)
    fit = overview.tissue & ~(ink | folded)
    first, second = amounts(dense, by.first, by.second)
    cells = _cells(overview, first, level.width, level.height, mpp)
    return TissuePlan(
        mpp,
        light,
        cells,
        outlines(overview.tissue, grid, "tissue", 0.01),
        found,
        sharp,
        focus_grid,
        tiles_over(overview.tissue, grid, level.width, level.height, tile, margin),
        float(overview.tissue.sum()) * grid.cell_mm2,
        _values(light, by, first[fit], second[fit], sharp, found),
    )


def without_ink(tissue: Mask, ink: Mask, grid: Grid) -> Mask:
    """Tissue again, but connected areas that are mostly ink are marks on glass."""
    number, labels = cv2.connectedComponents((tissue | ink).astype(np.uint8))
    told = np.asarray(labels, np.int32)
    whole = np.bincount(told.ravel(), minlength=number)
    inked = np.bincount(told[ink], minlength=number)
    marks = inked > 0.7 * whole
    marks[0] = False
    # Where a mark runs from tissue on to glass, only what lies within 100 µm of tissue counts.
    bare = tissue & ~ink
    reach = max(1, round(100 / grid.micrometres))
    near = cv2.dilate(bare.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return tissue & ~marks[told] & (bare | (np.asarray(near) > 0))


def _focus(
    slide: Slide, tissue: Mask, ink: Mask, grid: Grid, white: Colour, size: tuple[int, int]
) -> tuple[Floats, Grid]:
    """The sharpness of a patch in the middle of each square that is mostly tissue and without
    ink: the edge of a pen would pass for a sharp or a blurred one."""
    squares = grid_over(size[0], size[1], grid.mpp, FOCUS)
    fit, inked = (_by_area(mask, grid, squares) for mask in (tissue, ink))
    looked = (fit > 0.5) & (inked == 0)
    found = np.full((squares.rows, squares.columns), np.nan, np.float32)
    if grid.mpp > 1.3 * MPP:
        return found, squares
    side = round(PATCH / grid.mpp)
    for row, column in np.argwhere(looked).tolist():
        x = round((column + 0.5) * squares.cell - side / 2)
        y = round((row + 0.5) * squares.cell - side / 2)
        patch = slide.region(x, y, side, side, max(1.0, MPP / grid.mpp))
        value = sharpness(patch, white)
        if value is not None:
            found[row, column] = value
    return found, squares


def _spread(mask: Mask, squares: Grid, grid: Grid) -> Mask:
    """Squares as pixels of the overview."""
    row = np.minimum((np.arange(grid.rows) + 0.5) * grid.cell // squares.cell, squares.rows - 1)
    column = (np.arange(grid.columns) + 0.5) * grid.cell // squares.cell
    column = np.minimum(column, squares.columns - 1)
    return mask[np.ix_(row.astype(np.intp), column.astype(np.intp))]


def _cells(overview: Overview, first: Floats, width: int, height: int, mpp: float) -> Cells:
    """The raster of tissue classes, from the overview by area."""
    grid = grid_over(width, height, mpp, CELL)
    share, blue = (_by_area(one, overview.grid, grid) for one in (overview.tissue, first))
    return Cells(grid, share > 0.5, blue)


def _by_area(plane: Mask | Floats, pixels: Grid, cells: Grid) -> Floats:
    """The mean of a plane of the overview in each cell, (rows, columns) of ``cells``. The last
    cells reach beyond the slide, where there is nothing: 0."""
    ratio = cells.cell / pixels.cell
    high, wide = round(cells.rows * ratio), round(cells.columns * ratio)
    whole = np.zeros((max(high, plane.shape[0]), max(wide, plane.shape[1])), np.float32)
    whole[: plane.shape[0], : plane.shape[1]] = plane
    size = cells.columns, cells.rows
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def tiles_over(
    tissue: Mask, grid: Grid, width: int, height: int, side: int, margin: int
) -> tuple[Tile, ...]:
    """Squares of the slide that hold tissue, row by row; numbers without gaps."""
    found: list[Tile] = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            top, left = int(y / grid.cell), int(x / grid.cell)
            below = int(np.ceil(min(y + side, height) / grid.cell))
            right = int(np.ceil(min(x + side, width) / grid.cell))
            if tissue[top:below, left:right].any():
                wide, high = min(side, width - x), min(side, height - y)
                found.append(Tile(len(found), x, y, wide, high, margin))
    return tuple(found)


def _values(
    white: Colour, by: Stained, first: Floats, second: Floats, sharp: Floats, found: Artefacts
) -> dict[Measure, float]:
    """What the control chart takes; without tissue only the light."""
    values = {
        Measure.WHITE: sum(white) / 3,
        Measure.CAST: max(white) - min(white),
        Measure.ANGLE: angle(by.first, by.second),
    }
    if first.size:
        # The bluest tenth of the tissue is nuclei, whatever share of it they are.
        values[Measure.HAEMATOXYLIN] = float(np.percentile(first, 90))
        values[Measure.SECOND] = float(np.percentile(second, 75))
        values[Measure.ARTEFACTS] = found.share
    known = sharp[np.isfinite(sharp)]
    if known.size:
        values[Measure.FOCUS] = float(np.median(known))
    return values
