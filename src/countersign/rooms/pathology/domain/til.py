"""Stromal tumour-infiltrating lymphocytes as a share of the stroma's area, and density maps.

After the International TILs Working Group (Salgado et al., Annals of Oncology 2015; 26: 259–271,
doi:10.1093/annonc/mdu450): the area of stromal tissue occupied by mononuclear inflammatory cells
over the whole stromal area inside the borders of the invasive tumour, as a continuous mean and
without looking for hotspots; necrosis is left out. What this program cannot know stays a limit:
it does not tell polymorphonuclear leucocytes, carcinoma in situ, normal lobules, regressive
hyalinisation or an old biopsy site from the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType
from countersign.rooms.pathology.domain.tissue import Cells, Floats, TissueClass, smoothed_density
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, closed, disc

REACH = 6.0
"""Micrometres around the middle of a mononuclear cell that it occupies, where its neighbour is
as near: two lymphocytes (7 to 10 µm across) closer than 12 µm leave no stroma between them."""

LEAST_MM2 = 0.05
"""Stroma that the second opinion must have looked at to be one."""

BLOCK = 512.0
"""Micrometres of the blocks between which the figure's uncertainty is estimated."""

FINE = 8
"""Parts of a 32 µm cell's side in which occupied area is drawn: 4 µm."""


@dataclass(frozen=True, slots=True)
class Second:
    """What small round dark spots cover of the stroma that was looked at (``mm2``), and what the
    nuclei of the first method cover of the same stroma: both in [0, 100]. See ``til_second``."""

    percent: float
    ours: float
    mm2: float


@dataclass(frozen=True, slots=True)
class StromalTils:
    """``percent`` is occupied area over stromal area in [0, 100], None without stroma. ``low`` and
    ``high`` bound 95 % by the spread between blocks of tissue (None where fewer than five blocks
    hold stroma). ``second`` is None where too little stroma was looked at again."""

    percent: float | None
    low: float | None
    high: float | None
    cells: int
    stroma_mm2: float
    blocks: int
    second: Second | None = None


def stroma_of(classes: NDArray[np.uint8], within: Mask, without: Mask | None = None) -> Mask:
    """The cells in which TILs count: stroma inside the tumour's borders, without artefacts."""
    found = within & (classes == TissueClass.STROMA)
    return found if without is None else found & ~without


def stromal_tils(nuclei: Nuclei, stroma: Mask, raster: Cells) -> StromalTils:
    """The share of ``stroma`` (rows, columns of the raster) that mononuclear cells occupy."""
    grid = raster.grid
    area = float(stroma.sum()) * grid.cell_mm2
    if area == 0:
        return StromalTils(None, None, None, 0, 0.0, 0)
    x, y = inflammatory(nuclei)
    place, inside = grid.places(x, y)
    here = inside & stroma.ravel()[place]
    covered = occupied(x[here], y[here], stroma, grid)
    percent = 100.0 * float(covered.sum() / stroma.sum())
    low, high, blocks = _interval(covered, stroma, grid)
    second = _second(covered, stroma, raster)
    return StromalTils(percent, low, high, int(here.sum()), area, blocks, second)


def _second(covered: Floats, stroma: Mask, raster: Cells) -> Second | None:
    """Both opinions on the stroma that was looked at again."""
    if raster.looked is None or raster.dark is None:
        return None
    both = stroma & raster.looked
    area = float(both.sum()) * raster.grid.cell_mm2
    if area < LEAST_MM2:
        return None
    dark, ours = (100.0 * float(one[both].mean()) for one in (raster.dark, covered))
    return Second(dark, ours, area)


def inflammatory(nuclei: Nuclei) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the mononuclear inflammatory cells are."""
    chosen = nuclei.type == NucleusType.INFLAMMATORY
    return nuclei.x[chosen], nuclei.y[chosen]


def occupied(x: NDArray[np.float32], y: NDArray[np.float32], stroma: Mask, grid: Grid) -> Floats:
    """The share of each cell of ``stroma`` that lies under mononuclear cells, in [0, 1]."""
    fine = grid.finer(FINE)
    drawn = fine.counts(x, y) > 0
    radius = REACH / fine.micrometres
    # A cell alone covers what a lymphocyte covers; cells side by side close the gap between.
    joined = closed(drawn, radius) | (np.asarray(cv2.dilate(drawn.astype(np.uint8), disc(1))) > 0)
    shares = cv2.resize(
        joined.astype(np.float32), (grid.columns, grid.rows), interpolation=cv2.INTER_AREA
    )
    return np.where(stroma, np.asarray(shares, np.float32), 0).astype(np.float32)


def _interval(occupied: Floats, stroma: Mask, grid: Grid) -> tuple[float | None, float | None, int]:
    """Of a ratio of sums over blocks: the usual linearised variance (Cochran, Sampling
    Techniques, 1977, section 6.4), 1.96 standard errors, cut to [0, 100]."""
    side = max(1, round(BLOCK / grid.micrometres))
    top, below = _blocks(occupied, side), _blocks(stroma.astype(np.float32), side)
    kept = below > 0
    many = int(kept.sum())
    if many < 5:
        return None, None, many
    top, below = top[kept], below[kept]
    ratio = top.sum() / below.sum()
    spread = top - ratio * below
    error = (many * float((spread**2).sum()) / (many - 1)) ** 0.5 / below.sum()
    low, high = (100.0 * float(ratio + sign * 1.96 * error) for sign in (-1, 1))
    return max(0.0, low), min(100.0, high), many


def _blocks(values: Floats, side: int) -> NDArray[np.float64]:
    rows, columns = values.shape
    padded = np.pad(values.astype(np.float64), ((0, -rows % side), (0, -columns % side)))
    shape = (padded.shape[0] // side, side, padded.shape[1] // side, side)
    return padded.reshape(shape).sum(axis=(1, 3)).ravel()


@dataclass(frozen=True, slots=True)
class DensityMap:
    """A layer of the viewer: cells per mm² in squares of ``grid``, smoothed by ``spread`` µm;
    ``values`` float32 (rows, columns), 0 where there is no tissue."""

    name: str
    grid: Grid
    values: Floats
    spread: float


def density_maps(nuclei: Nuclei, cells: Cells, spread: float = 100.0) -> tuple[DensityMap, ...]:
    """The heat maps of every nucleus, of the tumour's and of the inflammatory ones."""
    every = np.ones(len(nuclei), np.bool_)
    chosen = (
        ("nuclei", every),
        ("tumour", nuclei.type == NucleusType.TUMOUR),
        ("inflammatory", nuclei.type == NucleusType.INFLAMMATORY),
    )
    return tuple(
        DensityMap(name, cells.grid, smoothed_density(nuclei, mask, cells, spread), spread)
        for name, mask in chosen
    )


def density(nuclei: Nuclei, within: Mask, grid: Grid) -> float | None:
    """Mononuclear inflammatory cells per mm² of the cells in ``within``; None if it is empty."""
    area = float(within.sum()) * grid.cell_mm2
    if area == 0:
        return None
    x, y = inflammatory(nuclei)
    place, inside = grid.places(x, y)
    return float((inside & within.ravel()[place]).sum()) / area
