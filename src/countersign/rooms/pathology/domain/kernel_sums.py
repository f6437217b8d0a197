"""What lies in each basin and where basins touch, summed over a picture's lines.

A basin's sums take 56 bytes, about one line of the processor's memory, for every run of pixels adds
to them: several sums lie side by side in one number, each with room for ``MOST`` pixels. Of a
larger basin, which is no nucleus, they say nothing but the size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled
from .kernel_planes import Plane

Labels = NDArray[np.int32]
"""Shape (height, width); 0 outside every nucleus, 1 … n inside."""

MOST = 1023
"""Pixels of the largest nucleus whose sums hold."""

Moments = NDArray[np.int32]
"""Shape (n + 1, ``MOMENTS``): of each label its moments about its own peak and, in the last two
columns, the sides of its pixels that touch nothing and those that touch another nucleus."""

SIZE, SUM_X, SUM_Y, SUM_XX, SUM_YY, SUM_XY, OUTER, INNER = range(8)
MOMENTS = 8

Packed = NDArray[np.uint64]
"""Shape (n + 1, ``WORDS``). In the first word, from the lowest bit, sums of the signal, of the
background (22 bits each) and of DAB (20). In the second haematoxylin (20 bits); then of the pixels
all of whose four neighbours are the basin's too how many (10) and their signal (22). In the third,
of these, the signal's squares (34) and how much each differs from its neighbours (24)."""

WORDS = 3
PLACES = 4
"""Of the table of passes, for each basin; three are needed at most, for a plane is flat."""

_ONE, _10, _20, _22, _30, _34, _44 = (np.uint64(bits) for bits in (1, 10, 20, 22, 30, 34, 44))
_STAIN = np.uint64(1023)
_HIGH = 32
_LOW = (1 << _HIGH) - 1


@compiled
def _moments(into: NDArray[np.int32], size: int, left: int, dy: int) -> None:
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
def _met(
    table: NDArray[np.int64],
    used: NDArray[np.int32],
    count: int,
    pair: tuple[np.int32, np.int32],
    height: np.int32,
) -> int:
    """A pixel of one basin beside a pixel of another: their highest pass, their border's length.
    Counts on from ``count`` over the places of the table that are ``used``.

    Basins of neighbouring peaks have neighbouring places in the table.
    """
    low, high = np.int64(min(pair[0], pair[1])), np.int64(max(pair[0], pair[1]))
    key = (low << _HIGH) | high
    place = np.uint64(PLACES * low)
    while (table[place, 0] != key) & (table[place, 0] != 0):
        place += _ONE
    used[count] = place
    count += table[place, 0] == 0
    held = table[place, 1]
    table[place, 0] = key
    table[place, 1] = (max(held >> _HIGH, np.int64(height)) << _HIGH) | ((held & _LOW) + 1)
    return count


@compiled
def _words(
    entry: np.uint32, value: np.uint64, low: np.uint16, within: np.uint64, near: np.int64
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """What a pixel adds to the words of its basin; ``near`` is the signal of its four neighbours,
    ``within`` 1 where these are the basin's too, else 0."""
    stains, kept = np.uint64(entry), value * within
    one = value | (np.uint64(low) << _22) | (((stains >> _10) & _STAIN) << _44)
    two = (stains >> _20) | (within << _20) | (kept << _30)
    grain = np.uint64(abs(4 * np.int64(value) - near)) * within
    return one, two, kept * value | (grain << _34)


@compiled
def _followed(
    lines: tuple[NDArray[np.int32], ...],
    planes: tuple[Plane, Plane, Plane, NDArray[np.uint32], Plane],
    heights: tuple[Plane, Plane],
    from_peak: tuple[NDArray[np.int32], NDArray[np.int32], int],
    into: tuple[Moments, Packed],
    met: NDArray[np.int32],
) -> np.uint64:
    """Sums over one line of labels, run by run; how many pixels beside another label's are noted
    in ``met``. ``lines``: labels above, here and below; ``planes``: signal here (as wide as the
    labels), above and below, entries, background; ``from_peak``: x and y of the peaks, and y."""
    over, line, under = lines
    values, higher, lower, stains, lows = planes
    (here, beneath), (peak_x, peak_y, y), (moments, packed) = heights, from_peak, into
    x, found, end = _ONE, np.uint64(0), np.uint64(line.size - 1)
    while x < end:
        label = line[x]
        if label == 0:
            x += _ONE
            continue
        first, before = x, np.int32(0)
        outer = np.int64(line[x - _ONE] == 0)
        one = two = three = np.uint64(0)
        while line[x] == label:
            value, below = np.uint64(values[x]), under[x]
            outer += (over[x] == 0) + (below == 0)
            met[0, found], met[1, found], met[2, found] = label, below, min(here[x], beneath[x])
            found += np.uint64((below != label) & (below != 0))
            alike = (over[x] == label) & (below == label)
            within = np.uint64(alike & (before == label) & (line[x + _ONE] == label))
            near = np.int64(values[x - _ONE]) + np.int64(values[x + _ONE])
            near += np.int64(higher[x - _ONE]) + np.int64(lower[x - _ONE])
            words = _words(stains[x - _ONE], value, lows[x - _ONE], within, near)
            one, two, three = one + words[0], two + words[1], three + words[2]
            before = label
            x += _ONE
        after = line[x]
        met[0, found], met[1, found], met[2, found] = label, after, min(here[x - _ONE], here[x])
        found += np.uint64(after != 0)
        row, sums = moments[label], packed[label]
        row[OUTER] += outer + (after == 0)
        sums[0] += one
        sums[1] += two
        sums[2] += three
        dx, dy = np.int64(first) - peak_x[label], y - peak_y[label]
        _moments(row, np.int64(x - first), dx, dy)  # pyright: ignore[reportArgumentType]
    return found


@compiled
def surveyed(
    labels: Labels,
    land: Plane,
    places: tuple[NDArray[np.int32], NDArray[np.int32]],
    planes: tuple[Plane, NDArray[np.uint32], Plane],
    into: tuple[Moments, Packed],
    table: NDArray[np.int64],
    used: NDArray[np.int32],
) -> int:
    """The sums of each label, and where basins touch: of each pair, in a row of ``table``, the
    labels and, 32 bits apart, the highest pass and the pixels of the border. How many pairs, whose
    rows are ``used``.

    ``places``: x and y of the peaks. ``planes``: signal, entries, background, one pixel inside.
    """
    fine, entries, ground = planes
    moments, packed = into
    peak_x, peak_y = places
    height, width = labels.shape
    moments[:], packed[:], table[:] = 0, 0, 0
    pairs = 0
    values = np.zeros(width, np.uint16)
    met = np.empty((3, 2 * width), np.int32)
    for y in range(1, height - 1):
        values[1 : width - 1] = fine[y - 1]
        found = _followed(
            (labels[y - 1], labels[y], labels[y + 1]),
            (
                values,
                fine[max(y - 2, 0)],
                fine[min(y, height - 3)],
                entries[y - 1],
                ground[y - 1],
            ),
            (land[y], land[y + 1]),
            (peak_x, peak_y, y),
            into,
            met,
        )
        for at in range(found):
            pairs = _met(table, used, pairs, (met[0, at], met[1, at]), met[2, at])
    return pairs
