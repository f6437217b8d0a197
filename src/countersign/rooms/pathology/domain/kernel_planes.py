"""The planes that detection reads: stains by table, smoothing and background, in whole numbers.

Everything here is integer arithmetic, so that a pixel's value depends on its neighbours alone and
two tiles that overlap agree to the last bit. Planes go from line to line in one pass where they
can, and into memory that is kept: to clear new memory and to fetch it again cost more than the
arithmetic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled

Plane = NDArray[np.uint16]
"""Shape (height, width), at one micrometre a pixel or nearly so."""

Mask = NDArray[np.uint8]

BLOCK = 4
"""Pixels on a side of a block of the background."""

BASE = 4096
"""What the topography holds where nothing is dark; lower values lie in dark surroundings."""

DARK, AROUND, DEEP = 4, 3, 90
"""Weights of darkness and of the neighbourhood, in quarters, and of depth in the topography, which
so lies between ``BASE`` − 3,060 and ``BASE`` + 4,440."""

STAIN = 1023
"""Bits of one stain in an entry."""


@compiled
def unmixed(
    rgb: NDArray[np.uint8],
    table: NDArray[np.uint32],
    step: int,
    entries: NDArray[np.uint32],
) -> None:
    """Four entries of the table together for each block of ``step``² pixels: signal, DAB and
    haematoxylin, ten bits apart.

    ``rgb`` (height, width, 3); ``step`` 1 or 2; ``table`` as of ``stain.table``.
    """
    height, width = entries.shape
    for y in range(height):
        to = entries[y]
        if step == 2:
            one, two = rgb[2 * y], rgb[2 * y + 1]
            for x in range(width):
                to[x] = (
                    table[_place(one, 2 * x)]
                    + table[_place(one, 2 * x + 1)]
                    + table[_place(two, 2 * x)]
                    + table[_place(two, 2 * x + 1)]
                )
        else:
            here = rgb[y]
            for x in range(width):
                to[x] = table[_place(here, x)] << 2


@compiled
def _place(line: NDArray[np.uint8], x: int) -> np.uint32:
    """A colour's entry in the table."""
    red, green, blue = np.uint32(line[x, 0]), np.uint32(line[x, 1]), np.uint32(line[x, 2])
    return np.uint32(((red & 252) << 10) | ((green & 252) << 4) | (blue >> 2))


@compiled
def fined(entries: NDArray[np.uint32], fine: Plane, least: Plane, means: Plane) -> None:
    """The signal smoothed, and of each block of ``BLOCK``² its least and its mean; a rest at the
    edge joins no block."""
    height, width = entries.shape
    row = np.empty(width, np.uint16)
    low = np.empty(width, np.uint16)
    total = np.empty(width, np.uint16)
    for y in range(height):
        above, below = entries[max(y - 1, 0)], entries[min(y + 1, height - 1)]
        here, to = entries[y], fine[y]
        for x in range(width):
            row[x] = (above[x] & STAIN) + 2 * (here[x] & STAIN) + (below[x] & STAIN)
        _across(row, to)
        if y % BLOCK == 0:
            low[:] = to
            total[:] = to
        else:
            for x in range(width):
                low[x] = min(low[x], to[x])
                total[x] = np.uint16(total[x] + to[x])
        if y % BLOCK == BLOCK - 1:
            down, mean = least[y // BLOCK], means[y // BLOCK]
            for x in range(width // BLOCK):
                a = BLOCK * x
                down[x] = min(low[a], low[a + 1], low[a + 2], low[a + 3])
                whole = np.uint32(total[a]) + total[a + 1] + total[a + 2] + total[a + 3]
                mean[x] = whole >> 4


@compiled
def _across(row: Plane, to: Plane) -> None:
    """The binomial 1-2-1 along a line, a quarter of it; edges repeat. Sums must fit 16 bits."""
    last = row.size - 1
    for x in range(1, last):
        to[x] = np.uint16(row[x - 1] + 2 * row[x] + row[x + 1]) >> 2
    to[0] = np.uint16(3 * row[0] + row[min(1, last)]) >> 2
    to[last] = np.uint16(3 * row[last] + row[max(last - 1, 0)]) >> 2


@compiled
def _smoothed_line(plane: Plane, y: int, row: Plane, to: Plane) -> None:
    """One line of ``smoothed``; ``row`` is room to work in."""
    above, below = plane[max(y - 1, 0)], plane[min(y + 1, plane.shape[0] - 1)]
    here = plane[y]
    for x in range(row.size):
        row[x] = (above[x] >> 2) + 2 * (here[x] >> 2) + (below[x] >> 2)
    _across(row, to)


@compiled
def smoothed(plane: Plane) -> Plane:
    """A quarter of the plane under the binomial 1-2-1 both ways (σ 0.71 pixels), times four; edges
    repeat. Entries must not exceed 4,095."""
    out = np.empty(plane.shape, np.uint16)
    row = np.empty(plane.shape[1], np.uint16)
    for y in range(plane.shape[0]):
        _smoothed_line(plane, y, row, out[y])
    return out


@compiled
def _spread_line(blocks: Plane, y: int, line: NDArray[np.uint32], to: Plane) -> None:
    """One line of the blocks' entries interpolated to pixels; ``line``, two longer than a line of
    blocks, is room to work in."""
    rows, columns = blocks.shape
    at = 2 * y + 1 - BLOCK
    first = min(max(at // (2 * BLOCK), 0), rows - 1)
    share = np.uint32(min(max(at - first * 2 * BLOCK, 0), 2 * BLOCK))
    rest = np.uint32(2 * BLOCK - share)
    one, two = blocks[first], blocks[min(first + 1, rows - 1)]
    for x in range(columns):
        line[x + 1] = np.uint32(one[x] * rest + two[x] * share)
    line[0], line[columns + 1] = line[1], line[columns]
    to[0] = to[1] = line[0] >> 3
    for block in range(1, columns):
        a, b, x = line[block], line[block + 1], block * 4 - 2
        to[x] = np.uint32(7 * a + b) >> 6
        to[x + 1] = np.uint32(5 * a + 3 * b) >> 6
        to[x + 2] = np.uint32(3 * a + 5 * b) >> 6
        to[x + 3] = np.uint32(a + 7 * b) >> 6
    for x in range(columns * BLOCK - 2, to.size):
        to[x] = line[columns] >> 3


@compiled
def masked(fine: Plane, ground: Plane, threshold: int, low: Plane, mask: Mask) -> None:
    """``mask``: 1 where the signal exceeds the background by more than ``threshold``. ``low``: the
    background of each pixel, from that of each block."""
    height, width = fine.shape
    line = np.empty(ground.shape[1] + 2, np.uint32)
    for y in range(height):
        under, here, to = low[y], fine[y], mask[y]
        _spread_line(ground, y, line, under)
        for x in range(width):
            to[x] = np.int32(here[x]) > np.int32(under[x]) + np.int32(threshold)


@compiled
def topography(
    fine: Plane,
    means: Plane,
    worn: tuple[Mask, Mask, Mask, Mask],
    land: Plane,
) -> None:
    """What the basins climb inside the mask; 0 outside and in one more pixel on each side.

    Darkness (the signal, smoothed again), less the mean around, more by depth: in how many of the
    masks, each worn by a step, a pixel lies.
    """
    height, width = fine.shape
    line = np.empty(means.shape[1] + 2, np.uint32)
    row = np.empty(width, np.uint16)
    soft = np.empty(width, np.uint16)
    around = np.empty(width, np.uint16)
    land[0], land[height + 1] = 0, 0
    for y in range(height):
        _spread_line(means, y, line, around)
        _smoothed_line(fine, y, row, soft)
        one, two, three, four = worn[0][y], worn[1][y], worn[2][y], worn[3][y]
        to = land[y + 1]
        to[0], to[width + 1] = 0, 0
        to = to[1 : width + 1]
        for x in range(width):
            level = DARK * np.int32(soft[x]) - AROUND * np.int32(around[x])
            depth = np.int32(one[x]) + np.int32(two[x]) + np.int32(three[x]) + np.int32(four[x])
            height_here = BASE + (level >> 2) + DEEP * depth
            to[x] = height_here if one[x] else 0
