"""Nuclei from a topography: basins by steepest ascent, and what lies in each of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled
from .kernel_planes import STAIN, Plane

Labels = NDArray[np.int32]
"""Shape (height, width); 0 outside every nucleus, 1 … n inside."""

SIZE, SUM_X, SUM_Y, SUM_XX, SUM_YY, SUM_XY = range(6)
"""Columns of a basin's sums that hold its moments, about its own peak."""

DAB, DAB_2, BLUE, VALUE, VALUE_2, GROUND, OUTER, INNER = range(6, 14)
"""Columns that hold sums over its pixels, and the sides of pixels that touch nothing or another."""

WITHIN, WITHIN_VALUE, WITHIN_2, GRAIN = range(14, 18)
"""Columns over the pixels all of whose four neighbours are the basin's too: how many, their
signal, and how much each differs from its neighbours."""

SUMS = 18

NOWHERE = 255
"""Code of a pixel outside the mask; 5 is that of a peak."""

PEAK = 5
PLACES = 4
"""Of the table of passes, for each basin; three are needed at most, for a plane is flat."""


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
    for place in range(codes.size):
        code = np.int32(codes[place])
        goal = place + 1 - (code >> 2) + (1 - (code & 3)) * width
        goals[place] = 0 if code == NOWHERE else goal
    labels[0] = 0
    count = 0
    low, high = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    for eight in range(eights.size):
        other = eights[eight] ^ np.uint64(0x0505050505050505)
        if (other - low) & ~other & high:
            for place in range(8 * eight, min(8 * eight + 8, codes.size)):
                if codes[place] == PEAK:
                    count += 1
                    peaks[count] = place
                    labels[place] = count
    # Two steps at once, once from each end: hardly a pixel is not at its peak by then.
    for place in range(codes.size):
        goals[place] = goals[goals[place]]
    for place in range(codes.size - 1, -1, -1):
        goals[place] = goals[goals[place]]
    for place in range(codes.size):
        goal = goals[place]
        while goals[goal] != goal:
            goal = goals[goal]
        labels[place] = labels[goal]
    return count


@compiled
def _met(
    keys: NDArray[np.int64],
    passes: NDArray[np.int32],
    one: np.int32,
    other: np.int32,
    height: np.int32,
) -> None:
    """A pixel of one basin beside a pixel of another: their highest pass, their border's length.

    Basins of neighbouring peaks have neighbouring places in the table.
    """
    low, high = np.int64(min(one, other)), np.int64(max(one, other))
    key = (low << 32) | high
    slot = PLACES * low
    while keys[slot] != key and keys[slot] != 0:
        slot += 1
    if keys[slot] == 0:
        keys[slot] = key
        passes[slot, 0] = height
        passes[slot, 1] = 1
    else:
        passes[slot, 0] = max(passes[slot, 0], height)
        passes[slot, 1] += 1


@compiled
def _moments(into: NDArray[np.int64], size: int, left: int, dy: int) -> None:
    """Adds a run of ``size`` pixels that begins (``left``, ``dy``) from the peak."""
    along = size * left + size * (size - 1) // 2
    into[SIZE] += size
    into[SUM_X] += along
    into[SUM_Y] += size * dy
    squares = (size - 1) * size * (2 * size - 1) // 6
    into[SUM_XX] += size * left * left + left * size * (size - 1) + squares
    into[SUM_YY] += size * dy * dy
    into[SUM_XY] += along * dy


@compiled
def _added(into: NDArray[np.int64], first: int, values: tuple[int, ...]) -> None:
    for number in range(len(values)):
        into[first + number] += values[number]


@compiled
def surveyed(
    labels: Labels,
    land: Plane,
    places: tuple[NDArray[np.int32], NDArray[np.int32]],
    planes: tuple[Plane, NDArray[np.uint32], Plane],
    sums: NDArray[np.int64],
    keys: NDArray[np.int64],
    passes: NDArray[np.int32],
) -> None:
    """The sums of each label, shape (n + 1, ``SUMS``), and where basins touch: for each pair its
    labels (``keys``), the highest pass and the pixels of the border (``passes``).
    ``places``: x and y of the peaks. ``planes``: signal, entries, background, one pixel inside.
    """
    fine, entries, ground = planes
    peak_x, peak_y = places
    height, width = labels.shape
    sums[:] = 0
    keys[:] = 0
    for y in range(1, height - 1):
        over, line, under = labels[y - 1], labels[y], labels[y + 1]
        values, stains, lows = fine[y - 1], entries[y - 1], ground[y - 1]
        higher, lower = fine[max(y - 2, 0)], fine[min(y, height - 3)]
        x = 1
        while x < width - 1:
            label = line[x]
            if label == 0:
                x += 1
                continue
            first = x
            brown = brown_2 = violet = value = value_2 = low = outer = 0
            within = within_value = within_2 = grain = 0
            while line[x] == label:
                entry, two = np.int64(stains[x - 1]), np.int64(values[x - 1])
                one = (entry >> 10) & STAIN
                brown += one
                brown_2 += one * one
                violet += entry >> 20
                value += two
                value_2 += two * two
                low += np.int64(lows[x - 1])
                beneath = under[x]
                outer += (over[x] == 0) + (beneath == 0)
                if beneath != label and beneath != 0:
                    _met(keys, passes, label, beneath, min(land[y, x], land[y + 1, x]))
                elif over[x] == label and beneath == label and x > first and line[x + 1] == label:
                    near = np.int64(values[x - 2]) + values[x] + higher[x - 1] + lower[x - 1]
                    within += 1
                    within_value += two
                    within_2 += two * two
                    grain += abs(4 * two - near)
                x += 1
            after = line[x]
            outer += (line[first - 1] == 0) + (after == 0)
            if after != 0:
                _met(keys, passes, label, after, min(land[y, x - 1], land[y, x]))
            into, dx, dy = sums[label], first - peak_x[label], y - peak_y[label]
            _moments(into, x - first, dx, dy)  # pyright: ignore[reportArgumentType]
            _added(into, DAB, (brown, brown_2, violet, value, value_2, low, outer))  # pyright: ignore[reportArgumentType]
            _added(into, WITHIN, (within, within_value, within_2, grain))  # pyright: ignore[reportArgumentType]
