"""The planes that detection reads: stains by table, smoothing and background, in whole numbers.

Everything here is integer arithmetic, so that a pixel's value depends on its neighbours alone and
two tiles that overlap agree to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_basins import BASE
from .kernel_compiled import compiled

Plane = NDArray[np.uint16]
"""Shape (height, width), at one micrometre a pixel or nearly so."""

BLOCK = 4
"""Pixels on a side of a block of the background."""


@compiled
def unmixed(
    rgb: NDArray[np.uint8], table: NDArray[np.uint32], step: int
) -> tuple[Plane, Plane, Plane]:
    """Signal, DAB and haematoxylin, four times their table entries, of blocks of ``step``² pixels.

    ``rgb`` (height, width, 3); ``step`` 1 or 2; ``table`` as of ``stain.table``.
    """
    height, width = rgb.shape[0] // step, rgb.shape[1] // step
    signal = np.empty((height, width), np.uint16)
    dab = np.empty((height, width), np.uint16)
    blue = np.empty((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            if step == 2:
                entry = np.uint32(0)
                for dy in range(2):
                    for dx in range(2):
                        r = np.uint32(rgb[2 * y + dy, 2 * x + dx, 0] >> 2)
                        g = np.uint32(rgb[2 * y + dy, 2 * x + dx, 1] >> 2)
                        b = np.uint32(rgb[2 * y + dy, 2 * x + dx, 2] >> 2)
                        entry += table[(r << 12) | (g << 6) | b]
            else:
                r = np.uint32(rgb[y, x, 0] >> 2)
                g = np.uint32(rgb[y, x, 1] >> 2)
                b = np.uint32(rgb[y, x, 2] >> 2)
                entry = np.uint32(table[(r << 12) | (g << 6) | b] << 2)
            signal[y, x] = entry & 1023
            dab[y, x] = (entry >> 10) & 1023
            blue[y, x] = entry >> 20
    return signal, dab, blue


@compiled
def smoothed(plane: Plane, shift: int = 0) -> Plane:
    """The plane shifted down by ``shift`` bits, then under the binomial 1-2-1 both ways (σ 0.71
    pixels), times four; edges repeat. Entries must not exceed 4,095 by then.
    """
    height, width = plane.shape
    out = np.empty((height, width), np.uint16)
    row = np.empty(width, np.uint16)
    for y in range(height):
        above, below = plane[max(y - 1, 0)], plane[min(y + 1, height - 1)]
        here, to = plane[y], out[y]
        for x in range(width):
            row[x] = (above[x] >> shift) + 2 * (here[x] >> shift) + (below[x] >> shift)
        for x in range(1, width - 1):
            to[x] = (row[x - 1] + 2 * row[x] + row[x + 1]) >> 2
        last = width - 1
        to[0] = (3 * row[0] + row[min(1, last)]) >> 2
        to[last] = (3 * row[last] + row[max(last - 1, 0)]) >> 2
    return out


@compiled
def least_of_blocks(plane: Plane) -> Plane:
    """The least entry of each block of ``BLOCK``² pixels; a rest at the edge joins no block."""
    height, width = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    out = np.empty((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            least = plane[BLOCK * y, BLOCK * x]
            for dy in range(BLOCK):
                for dx in range(BLOCK):
                    least = min(least, plane[BLOCK * y + dy, BLOCK * x + dx])
            out[y, x] = least
    return out


@compiled
def means_of_blocks(plane: Plane) -> Plane:
    """The mean entry of each block of ``BLOCK``² pixels; a rest at the edge joins no block."""
    height, width = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    out = np.empty((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            total = 0
            for dy in range(BLOCK):
                for dx in range(BLOCK):
                    total += plane[BLOCK * y + dy, BLOCK * x + dx]
            out[y, x] = total // (BLOCK * BLOCK)
    return out


@compiled
def spread(blocks: Plane, height: int, width: int) -> Plane:
    """The blocks' entries interpolated to pixels of a plane of ``height`` × ``width``."""
    rows, columns = blocks.shape
    out = np.empty((height, width), np.uint16)
    line = np.empty(columns + 2, np.uint32)
    for y in range(height):
        at = 2 * y + 1 - BLOCK
        first = min(max(at // (2 * BLOCK), 0), rows - 1)
        share = min(max(at - first * 2 * BLOCK, 0), 2 * BLOCK)
        second = min(first + 1, rows - 1)
        for x in range(columns):
            line[x + 1] = blocks[first, x] * (2 * BLOCK - share) + blocks[second, x] * share
        line[0], line[columns + 1] = line[1], line[columns]
        to = out[y]
        for block in range(columns + 1):
            for step in range(BLOCK):
                x = block * BLOCK - BLOCK // 2 + step
                if 0 <= x < width:
                    part = 2 * step + 1
                    level = line[block] * (2 * BLOCK - part) + line[block + 1] * part
                    to[x] = level // (4 * BLOCK * BLOCK)
        for x in range(columns * BLOCK + BLOCK // 2, width):
            to[x] = line[columns + 1] // (2 * BLOCK)
    return out


@compiled
def above(plane: Plane, ground: Plane, threshold: int) -> NDArray[np.uint8]:
    """1 where ``plane`` exceeds ``ground`` by more than ``threshold``."""
    height, width = plane.shape
    out = np.empty((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            out[y, x] = np.int32(plane[y, x]) > np.int32(ground[y, x]) + threshold
    return out


@compiled
def topography(
    plane: Plane,
    around: Plane,
    mask: NDArray[np.uint8],
    depth: NDArray[np.uint8],
    weights: NDArray[np.int32],
) -> NDArray[np.int32]:
    """What the basins climb inside the mask; 0 outside and in one more pixel on each side.

    Darkness (``plane``), less what lies ``around``, more by ``depth``, the steps to the mask's
    edge; each times its weight, the first and second in quarters.
    """
    height, width = plane.shape
    out = np.zeros((height + 2, width + 2), np.int32)
    dark, less, deep = weights[0], weights[1], weights[2]
    for y in range(height):
        to = out[y + 1]
        for x in range(width):
            level = dark * np.int32(plane[y, x]) - less * np.int32(around[y, x])
            level = BASE + (level >> 2) + deep * np.int32(depth[y, x])
            to[x + 1] = level if mask[y, x] else 0
    return out
