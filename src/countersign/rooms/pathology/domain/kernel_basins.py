"""Nuclei from a topography: basins by steepest ascent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled
from .kernel_planes import Plane

NOWHERE = 255
"""Code of a pixel outside the mask; 5 is that of a peak."""

PEAK = 5

BAND = 1 << 15
"""Pixels that are gone through at a time, each time while what they hold lies near the processor.
A multiple of eight."""


@compiled
def _highest(line: Plane, out: Plane) -> None:
    """Of each pixel and its neighbours in the line the highest, times four, and which it is: 2 for
    before, 1 for level, 0 for after. The bits ride along, so that many are compared at once."""
    for x in range(1, line.size - 1):
        before, level = np.uint16((line[x - 1] << 2) + 2), np.uint16((line[x] << 2) + 1)
        out[x] = max(before, level, np.uint16(line[x + 1] << 2))


@compiled
def climbs(land: Plane, codes: NDArray[np.uint8]) -> None:
    """Each pixel's highest neighbour: 4 × how it lies across and how it lies down, each 2 for
    before, 1 for level, 0 for after; ``NOWHERE`` outside the mask. Heights must fit 14 bits."""
    height, width = land.shape
    across = np.zeros((3, width), np.uint16)
    codes[0], codes[height - 1] = NOWHERE, NOWHERE
    for y in range(height):
        _highest(land[y], across[y % 3])
        if y < 2:
            continue
        above, level, below = across[(y - 2) % 3], across[(y - 1) % 3], across[y % 3]
        here, to = land[y - 1], codes[y - 1]
        for x in range(width):
            best = max(above[x], level[x], below[x])
            down = 2 if above[x] == best else (1 if level[x] == best else 0)
            code = ((best & 3) << 2) | down
            to[x] = NOWHERE if here[x] == 0 else code


@compiled
def _pointed(codes: NDArray[np.uint8], width: int, first: int, goals: NDArray[np.uint32]) -> None:
    """Where each pixel from place ``first`` on climbs to: a peak to itself, 0 outside the mask."""
    for at in range(codes.size):
        code = np.int32(codes[at])
        goal = first + at + 1 - (code >> 2) + (1 - (code & 3)) * width
        goals[at] = 0 if code == NOWHERE else goal


@compiled
def _peaked(
    codes: NDArray[np.uint8],
    eights: NDArray[np.uint64],
    first: int,
    count: int,
    labels: NDArray[np.int32],
    peaks: NDArray[np.int32],
) -> int:
    """Counts on from ``count`` over the peaks among these ``eights``, which begin at ``first``."""
    low, high = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    for eight in range(eights.size):
        other = eights[eight] ^ np.uint64(0x0505050505050505)
        if (other - low) & ~other & high:
            begin = first + 8 * eight
            for place in range(begin, min(begin + 8, codes.size)):
                if codes[place] == PEAK:
                    count += 1
                    peaks[count] = place
                    labels[place] = count
    return count


@compiled
def basins(
    codes: NDArray[np.uint8],
    eights: NDArray[np.uint64],
    width: int,
    goals: NDArray[np.uint32],
    labels: NDArray[np.int32],
    peaks: NDArray[np.int32],
) -> int:
    """Labels of the basins of attraction, and the flat place of each label's peak (place 0
    unused); how many there are.

    A pixel climbs to the highest of its eight neighbours; of equal ones to the one furthest left,
    then furthest up, so that a plateau has one peak wherever the tile begins. All arrays are
    flat; ``eights`` are the codes again, eight at a time and filled up with ``NOWHERE``; ``goals``
    are room to work in: where each pixel climbs to, a peak to itself, and 0 outside the mask.
    """
    # Ranges of numbers without a sign: no place is asked whether it counts from the array's end.
    size, count, halved = codes.size, 0, 0
    labels[0] = 0
    for first in range(0, size, BAND):
        last = min(first + BAND, size)
        _pointed(codes[first:last], width, first, goals[first:last])
        count = _peaked(codes, eights[first // 8 : -(-last // 8)], first, count, labels, peaks)
        # The last line's pixels may climb to one that is not pointed yet.
        until = size if last == size else max(last - width - 1, halved)
        for place in range(np.uint64(halved), np.uint64(until)):
            goals[place] = goals[goals[place]]
        halved = until
    # Two steps at once, once from each end: hardly a pixel is not at its peak by then.
    for last in range(size, 0, -BAND):
        first = max(last - BAND, 0)
        for back in range(np.uint64(last - first)):
            place = np.uint64(last - 1) - back
            goals[place] = goals[goals[place]]
        for place in range(np.uint64(first), np.uint64(last)):
            goal = goals[place]
            while goals[goal] != goal:
                goal = goals[goal]
            labels[place] = labels[goal]
    return count
