"""A raster of square cells over a slide: how regions become cells and cells become outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region, Ring

Mask = NDArray[np.bool_]

_FINE = 4
"""Into how many parts a cell's side is cut before it is outlined, so that outlines are smooth."""

_SHIFT = 4
"""Binary digits behind the point that OpenCV fills polygons with."""


@dataclass(frozen=True, slots=True)
class Grid:
    """``rows`` × ``columns`` square cells from the corner (``x``, ``y``); ``cell`` is their side.
    All in level-0 pixels, of which each is ``mpp`` micrometres wide."""

    x: float
    y: float
    cell: float
    rows: int
    columns: int
    mpp: float

    @property
    def micrometres(self) -> float:
        """The side of a cell in µm."""
        return self.cell * self.mpp

    @property
    def cell_mm2(self) -> float:
        """The area of a cell in mm²."""
        return (self.micrometres / 1000.0) ** 2

    def finer(self, parts: int) -> Grid:
        """The same area in cells of which ``parts`` make the side of one."""
        cell, rows, columns = self.cell / parts, self.rows * parts, self.columns * parts
        return Grid(self.x, self.y, cell, rows, columns, self.mpp)

    def places(
        self, x: NDArray[np.float32], y: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], Mask]:
        """For points, the number of their cell (row × columns + column) and whether they lie in
        the grid at all; the number of one outside is 0."""
        column = np.floor((x - np.float32(self.x)) / np.float32(self.cell)).astype(np.int64)
        row = np.floor((y - np.float32(self.y)) / np.float32(self.cell)).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, 0), inside

    def counts(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        weight: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """How many points lie in each cell, or the sum of their weights; (rows, columns)."""
        place, inside = self.places(x, y)
        of = None if weight is None else weight[inside]
        summed = np.bincount(place[inside], of, self.rows * self.columns)
        return summed.reshape(self.rows, self.columns).astype(np.float32)


def grid_over(width: int, height: int, mpp: float, micrometres: float) -> Grid:
    """Cells of so many µm over a slide of ``width`` × ``height`` level-0 pixels."""
    cell = micrometres / mpp
    return Grid(0.0, 0.0, cell, max(1, -int(-height // cell)), max(1, -int(-width // cell)), mpp)


def raster(regions: Sequence[Region], grid: Grid) -> Mask:
    """The cells whose middle lies in one of the regions and not in a hole of it."""
    fine = grid.finer(_FINE)
    found = np.zeros((fine.rows, fine.columns), np.uint8)
    for region in regions:
        rings = [_in_cells(ring, fine) for ring in (region.outline, *region.holes)]
        if len(rings[0]) < 3:
            continue
        one = np.zeros_like(found)
        cv2.fillPoly(one, rings[:1], 1, shift=_SHIFT)
        for hole in rings[1:]:
            if len(hole) >= 3:
                cv2.fillPoly(one, [hole], 0, shift=_SHIFT)
        found |= one
    return found[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE].astype(np.bool_)


def _in_cells(ring: Ring, grid: Grid) -> NDArray[np.int32]:
    points = (ring.points.astype(np.float64) - (grid.x, grid.y)) / grid.cell - 0.5
    return np.round(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def outlines(mask: Mask, grid: Grid, kind: str, smallest_mm2: float = 0.0) -> tuple[Region, ...]:
    """The connected areas of a raster as regions with holes, the largest first.

    Areas and holes smaller than ``smallest_mm2`` are left out (holes are filled). Outlines run
    an eighth of a cell inside the sides of the cells, rounded at corners.
    """
    fine = _smooth(mask)
    found, tree = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    if len(found) == 0:
        return ()
    least = max(smallest_mm2 / grid.cell_mm2 * _FINE**2, 1.0)
    parents = np.asarray(tree)[0, :, 3]
    areas = [abs(cv2.contourArea(one)) if len(one) >= 3 else 0.0 for one in found]
    kept: list[tuple[float, Region]] = []
    for number in np.flatnonzero(parents < 0).tolist():
        holes = [at for at in np.flatnonzero(parents == number).tolist() if areas[at] >= least]
        area = areas[number] - sum(areas[at] for at in holes)
        if area >= least:
            inner = tuple(_ring(_hole(np.asarray(found[at], np.int32), fine), grid) for at in holes)
            kept.append(
                (area, Region(kind, _ring(np.asarray(found[number], np.int32), grid), inner))
            )
    return tuple(region for _, region in sorted(kept, key=lambda one: -one[0]))


def _smooth(mask: Mask) -> NDArray[np.uint8]:
    """Finer cells with one cell of nothing around them, corners rounded."""
    padded = np.pad(mask.astype(np.uint8) * 255, 1)
    height, width = padded.shape
    fine = cv2.resize(padded, (width * _FINE, height * _FINE), interpolation=cv2.INTER_NEAREST)
    soft = cv2.GaussianBlur(fine, (0, 0), _FINE / 3)
    return (np.asarray(soft) >= 128).astype(np.uint8)


def _hole(contour: NDArray[np.int32], fine: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The outline of the hole itself; OpenCV's runs on the area around it."""
    left, top, wide, high = cv2.boundingRect(contour)
    filled = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(filled, [contour - (left, top)], 1)
    filled &= 1 - fine[top : top + high, left : left + wide]
    rings, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    if not rings:
        return contour
    largest = max(rings, key=cv2.contourArea)
    return np.asarray(largest, np.int32) + np.array((left, top), np.int32)


def _ring(contour: NDArray[np.int32], grid: Grid) -> Ring:
    points = (contour.reshape(-1, 2).astype(np.float32) + 0.5) / _FINE - 1.0
    corner = np.array((grid.x, grid.y), np.float32)
    return Ring((points * np.float32(grid.cell) + corner).astype(np.float32))


def area_mm2(regions: Sequence[Region], mpp: float) -> float:
    """The area of regions with their holes taken off, as if none overlapped another."""
    total = 0.0
    for region in regions:
        total += _area(region.outline) - sum(_area(hole) for hole in region.holes)
    return total * (mpp / 1000.0) ** 2


def _area(ring: Ring) -> float:
    x, y = ring.points.astype(np.float64).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def disc(radius: float) -> NDArray[np.uint8]:
    """The kernel of OpenCV's morphology for a radius in cells (at least the cell itself)."""
    size = 2 * round(radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def closed(mask: Mask, radius: float) -> Mask:
    """Gaps narrower than twice the radius (in cells) filled; the border counts as empty."""
    edge = round(radius) + 1
    padded = np.pad(mask.astype(np.uint8), edge)
    made = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc(radius))
    return np.asarray(made)[edge:-edge, edge:-edge] > 0


def opened(mask: Mask, radius: float) -> Mask:
    """What is narrower than twice the radius (in cells) taken away."""
    made = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc(radius))
    return np.asarray(made) > 0
