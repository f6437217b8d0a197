"""Where a slide is measured: tissue on an overview, rectangles that cover it and little else."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .measured import Region, Ring, Tile
from .stain import Colours, Vector

DENSE = 0.025
"""Optical density above glass, in any channel and after smoothing, from which a pixel of the
overview is tissue: pale stroma has 0.05 and more."""

SMALLEST = 20_000.0
"""µm² of the smallest piece of tissue that is measured; dust is smaller."""

GRID = 64
"""Level-0 pixels of which every rectangle's corner is a multiple, so that decoding at a scale
begins at the same pixels whatever the rectangle; ``Scale.corner`` cares for the kernel's blocks."""

Mask = NDArray[np.uint8]


class Grid(NamedTuple):
    """How rectangles are cut: cells of ``cell`` level-0 pixels, the first beginning ``margin``
    pixels into the slide less one cell, so that what is read begins where stored tiles begin;
    rectangles of at most ``most`` cells a side."""

    cell: int
    margin: int
    most: int


def tissue_of(overview: Colours, white: Vector, um: float) -> Mask:
    """1 where there is tissue; pixels of ``um`` micrometres, small pieces and holes left out."""
    soft = np.asarray(cv2.GaussianBlur(overview, (0, 0), 1.2), np.uint8)
    darkest = np.asarray([light * 10.0**-DENSE for light in white])
    mask = (np.asarray(cv2.inRange(soft, darkest, np.full(3, 255.0)), np.uint8) == 0).astype(
        np.uint8
    )
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return _without_small(np.asarray(closed, np.uint8), SMALLEST / um**2)


def _without_small(mask: Mask, least: float) -> Mask:
    """The pieces of at least so many pixels; looked for within the rectangle around them all."""
    left, top, wide, high = cv2.boundingRect(mask)
    found = np.zeros_like(mask)
    if wide:
        within = slice(top, top + high), slice(left, left + wide)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask[within], connectivity=8)
        keep = np.zeros(count, np.uint8)
        keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= least
        found[within] = keep[np.asarray(labels, np.int32)]
    return found


def outlines(mask: Mask, scale: float, kind: str = "tissue") -> tuple[Region, ...]:
    """The mask's pieces as regions with holes; ``scale`` level-0 pixels for one of the mask."""
    found, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    if not len(found):
        return ()
    rings = [Ring(((one.reshape(-1, 2) + 0.5) * scale).astype(np.float32)) for one in found]
    regions: list[Region] = []
    for number, (_, _, first, parent) in enumerate(tree[0]):
        if parent >= 0 or len(rings[number].points) < 3:
            continue
        holes: list[Ring] = []
        hole = int(first)
        while hole >= 0:
            if len(rings[hole].points) >= 3:
                holes.append(rings[hole])
            hole = int(tree[0][hole][0])
        regions.append(Region(kind, rings[number], tuple(holes)))
    return tuple(regions)


def tiles(mask: Mask, scale: float, size: tuple[int, int], grid: Grid) -> tuple[Tile, ...]:
    """Rectangles that cover every cell with tissue once, in reading order; ``size`` (width,
    height) of level 0."""
    wanted = _cells(mask, scale, size, grid)
    found: list[Tile] = []
    origin = grid.margin - grid.cell
    for line, column in zip(*np.nonzero(wanted), strict=True):
        if not wanted[line, column]:
            continue
        wide, high = _largest(wanted[line : line + grid.most, column : column + grid.most])
        wanted[line : line + high, column : column + wide] = False
        left, top = max(origin + int(column) * grid.cell, 0), max(origin + int(line) * grid.cell, 0)
        right = min(origin + int(column + wide) * grid.cell, size[0])
        bottom = min(origin + int(line + high) * grid.cell, size[1])
        if right > left and bottom > top:
            found.append(Tile(len(found), left, top, right - left, bottom - top, grid.margin))
    return tuple(found)


def _largest(part: NDArray[np.bool_]) -> tuple[int, int]:
    """Width and height of the largest rectangle of true cells from the upper left one."""
    best, wide = (1, 1), len(part[0])
    for high in range(1, len(part) + 1):
        wide = min(wide, _run(part[high - 1]))
        if wide == 0:
            break
        if wide * high > best[0] * best[1]:
            best = (wide, high)
    return best


def _run(values: NDArray[np.bool_]) -> int:
    """How many are true before the first that is not."""
    return len(values) if values.all() else int(np.argmin(values))


def _cells(mask: Mask, scale: float, size: tuple[int, int], grid: Grid) -> NDArray[np.bool_]:
    """Which cells hold tissue, one pixel of the overview more on each side."""
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    columns = -(-(size[0] + grid.cell - grid.margin) // grid.cell)
    lines = -(-(size[1] + grid.cell - grid.margin) // grid.cell)
    wanted = np.zeros((lines, columns), np.bool_)
    for dy in (0.0, 0.999):
        line, top = _steps(grown.shape[0], dy, scale, lines, grid)
        rows = np.maximum.reduceat(grown, top, axis=0)[: len(line)]
        for dx in (0.0, 0.999):
            column, left = _steps(grown.shape[1], dx, scale, columns, grid)
            found = np.maximum.reduceat(rows, left, axis=1)[:, : len(column)]
            wanted[line[0] : line[-1] + 1, column[0] : column[-1] + 1] |= found != 0
    return wanted


def _steps(
    size: int, part: float, scale: float, cells: int, grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cells that a side's pixels lie in, each once, and where those of each begin; ``part`` of a
    pixel on, and beyond the last cell an end that counts for none."""
    places = (np.arange(size) + part) * scale + grid.cell - grid.margin
    cell = (places // grid.cell).astype(np.intp)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    return cell[starts][cell[starts] < cells], starts


def spread(mask: Mask, count: int, side: int) -> list[tuple[int, int]]:
    """Up to ``count`` places (x, y) of the mask's squares of ``side`` pixels that hold most
    tissue, evenly over the slide, without chance."""
    high, wide = mask.shape[0] // side, mask.shape[1] // side
    if not high or not wide:
        return [(0, 0)] if mask.any() else []
    share = mask[: high * side, : wide * side].reshape(high, side, wide, side).mean(axis=(1, 3))
    full = np.flatnonzero(share.ravel() >= 0.75)
    if not len(full) and share.any():
        full = np.array([int(share.argmax())])
    if len(full) > count:
        full = full[np.linspace(0, len(full) - 1, count).round().astype(np.intp)]
    return [(int(one % wide) * side, int(one // wide) * side) for one in full]
