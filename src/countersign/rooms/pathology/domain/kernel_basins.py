"""Nuclei from a topography: basins by steepest ascent, joined over high saddles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled

Labels = NDArray[np.int32]
"""Shape (height, width); 0 outside every nucleus, 1 … n inside."""

BASE = 1 << 20
"""What the topography holds where nothing is dark; lower values lie in dark surroundings."""

SIZE, SUM_X, SUM_Y, SUM_XX, SUM_YY, SUM_XY = range(6)
"""Columns of a basin's sums that hold its moments, about its own peak."""

DAB, DAB_2, BLUE, VALUE, VALUE_2, GROUND, OUTER, INNER = range(6, 14)
"""Columns that hold sums over its pixels, and the sides of pixels that touch nothing or another."""


@compiled
def _highest(
    before: NDArray[np.int32],
    level: NDArray[np.int32],
    after: NDArray[np.int32],
    out: NDArray[np.int32],
) -> None:
    """A function of its own: only then does the compiler compare many pixels at once."""
    for x in range(out.size):
        out[x] = max((before[x] << 2) + 2, (level[x] << 2) + 1, after[x] << 2)


@compiled
def _climbs(land: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each pixel's highest neighbour: in the last four bits of each entry 4 × how it lies across
    and how it lies down, each 2 for before, 1 for level, 0 for after.

    The bits ride along with the height, so that whole lines are compared at once.
    """
    height, width = land.shape
    across = np.zeros((3, width), np.int32)
    out = np.zeros((height, width), np.int32)
    for y in range(height):
        line = land[y]
        _highest(line[:-2], line[1:-1], line[2:], across[y % 3, 1:-1])
        if y >= 2:
            _highest(across[(y - 2) % 3], across[(y - 1) % 3], across[y % 3], out[y - 1])
    return out


@compiled
def basins(land: NDArray[np.int32]) -> tuple[Labels, NDArray[np.int32]]:
    """Labels of the basins of attraction, and the flat place of each label's peak (place 0 unused).

    A pixel climbs to the highest of its eight neighbours; of equal ones to the one furthest left,
    then furthest up, so that a plateau has one peak wherever the tile begins. The outermost
    pixels of ``land`` must be 0.
    """
    width = land.shape[1]
    flat = land.ravel()
    labels = _climbs(land)
    to = labels.ravel()
    peaks = np.empty(flat.size // 4 + 2, np.int32)
    count = 0
    # Pointers first: minus the place climbed to. A peak takes its label at once.
    for place in range(flat.size):
        if flat[place] == 0:
            to[place] = 0
            continue
        code = to[place] & 15
        if code == 5:
            count += 1
            peaks[count] = place
            to[place] = count
        else:
            to[place] = -(place + (1 - (code >> 2)) + (1 - (code & 3)) * width)
    for place in range(flat.size):
        if to[place] >= 0:
            continue
        goal = place
        while to[goal] < 0:
            goal = -to[goal]
        label = to[goal]
        goal = place
        while to[goal] < 0:
            following = -to[goal]
            to[goal] = label
            goal = following
    return labels, peaks[: count + 1]


@compiled
def surveyed(
    labels: Labels,
    peaks: NDArray[np.int32],
    fine: NDArray[np.uint16],
    dab: NDArray[np.uint16],
    blue: NDArray[np.uint16],
    ground: NDArray[np.uint16],
) -> NDArray[np.int64]:
    """The sums of each label, shape (n + 1, 14); the planes lie one pixel inside ``labels``.

    Pixels of one label in one line are added up before they are written.
    """
    height, width = labels.shape
    sums = np.zeros((peaks.size, 14), np.int64)
    for y in range(1, height - 1):
        x = 1
        while x < width - 1:
            label = labels[y, x]
            if label == 0:
                x += 1
                continue
            first = x
            brown = brown_2 = violet = value = value_2 = low = outer = 0
            while labels[y, x] == label:
                one, two = np.int32(dab[y - 1, x - 1]), np.int32(fine[y - 1, x - 1])
                brown += one
                brown_2 += one * one
                violet += blue[y - 1, x - 1]
                value += two
                value_2 += np.int64(two) * two
                low += ground[y - 1, x - 1]
                outer += (labels[y - 1, x] == 0) + (labels[y + 1, x] == 0)
                x += 1
            outer += (labels[y, first - 1] == 0) + (labels[y, x] == 0)
            size = x - first
            left, dy = first - peaks[label] % width, y - peaks[label] // width
            along = size * left + size * (size - 1) // 2
            into = sums[label]
            into[SIZE] += size
            into[SUM_X] += along
            into[SUM_Y] += size * dy
            squares = (size - 1) * size * (2 * size - 1) // 6
            into[SUM_XX] += size * left * left + left * size * (size - 1) + squares
            into[SUM_YY] += size * dy * dy
            into[SUM_XY] += along * dy
            into[DAB] += brown
            into[DAB_2] += brown_2
            into[BLUE] += violet
            into[VALUE] += value
            into[VALUE_2] += value_2
            into[GROUND] += low
            into[OUTER] += outer
    return sums


@compiled
def saddles(land: NDArray[np.int32], labels: Labels, count: int) -> NDArray[np.int64]:
    """Each pair of touching basins once, shape (m, 4): lower label, higher label, the highest
    pass between them, pixels of their border."""
    width = labels.shape[1]
    slots = 64
    while slots < 8 * count + 64:
        slots *= 2
    keys = np.zeros(slots, np.int64)
    heights = np.zeros(slots, np.int32)
    lengths = np.zeros(slots, np.int32)
    flat, of = land.ravel(), labels.ravel()
    found = 0
    for place in range(width, flat.size - width):
        here = of[place]
        if here == 0:
            continue
        for near in (place + 1, place + width):
            there = of[near]
            if there == 0 or there == here:
                continue
            key = (np.int64(min(here, there)) << 32) | np.int64(max(here, there))
            slot = np.int64((key * 7046029254386353131) >> 20) & (slots - 1)
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + 1) & (slots - 1)
            if keys[slot] == 0:
                keys[slot] = key
                found += 1
            heights[slot] = max(heights[slot], min(flat[place], flat[near]))
            lengths[slot] += 1
    out = np.empty((found, 4), np.int64)
    row = 0
    for slot in range(slots):
        if keys[slot]:
            out[row, 0], out[row, 1] = keys[slot] >> 32, keys[slot] & 0xFFFFFFFF
            out[row, 2], out[row, 3] = heights[slot], lengths[slot]
            row += 1
    return out


@compiled
def _root(parents: NDArray[np.int32], label: int) -> int:
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@compiled
def _fill(a: NDArray[np.int64], b: NDArray[np.int64], dx: int, dy: int) -> tuple[float, float]:
    """How well both together fill the ellipse of their moments, and its longer axis over its
    shorter; ``b``'s peak lies (``dx``, ``dy``) from ``a``'s."""
    size = a[SIZE] + b[SIZE]
    sum_x = a[SUM_X] + b[SUM_X] + dx * b[SIZE]
    sum_y = a[SUM_Y] + b[SUM_Y] + dy * b[SIZE]
    sum_xx = a[SUM_XX] + b[SUM_XX] + 2 * dx * b[SUM_X] + dx * dx * b[SIZE]
    sum_yy = a[SUM_YY] + b[SUM_YY] + 2 * dy * b[SUM_Y] + dy * dy * b[SIZE]
    sum_xy = a[SUM_XY] + b[SUM_XY] + dx * b[SUM_Y] + dy * b[SUM_X] + dx * dy * b[SIZE]
    var_x = (sum_xx - sum_x * sum_x / size) / size + 1 / 12
    var_y = (sum_yy - sum_y * sum_y / size) / size + 1 / 12
    cov = (sum_xy - sum_x * sum_y / size) / size
    spread = np.sqrt((var_x - var_y) ** 2 / 4 + cov * cov)
    middle = (var_x + var_y) / 2
    short = max(middle - spread, 1 / 12)
    return size / (4 * np.pi * np.sqrt((middle + spread) * short)), (middle + spread) / short


@compiled
def joined(
    land: NDArray[np.int32],
    peaks: NDArray[np.int32],
    passes: NDArray[np.int64],
    order: NDArray[np.int64],
    sums: NDArray[np.int64],
    rules: NDArray[np.float64],
    width: int,
) -> NDArray[np.int32]:
    """The nucleus (a label of one of its basins) that each basin belongs to.

    ``order`` takes the ``passes`` from the highest down. Two are joined when the pass lies less
    than ``rules[0]`` or ``rules[5]`` of its height beneath the lower peak, or less than
    ``rules[1]`` while both together make one ellipse (filled to ``rules[2]``, axes within
    ``rules[3]``), never over ``rules[4]`` pixels. Large dark nuclei, whose chromatin has many
    peaks, stay whole by these rules. The ``sums`` of the joined become those of the nucleus, in
    the row of its highest peak.
    """
    parents = np.arange(peaks.size).astype(np.int32)
    flat = land.ravel()
    for number in range(order.size):
        row = passes[order[number]]
        a, b = _root(parents, row[0]), _root(parents, row[1])
        if a == b:
            continue
        high, low = flat[peaks[a]], flat[peaks[b]]
        if low > high or (low == high and peaks[b] < peaks[a]):
            a, b, low = b, a, high
        size = sums[a, SIZE] + sums[b, SIZE]
        drop = low - row[2]
        if size > rules[4] or drop >= max(rules[1], rules[5] * (low - BASE)):
            continue
        dx = peaks[b] % width - peaks[a] % width
        dy = peaks[b] // width - peaks[a] // width
        if drop >= max(rules[0], rules[5] * (low - BASE)):
            fill, ratio = _fill(sums[a], sums[b], dx, dy)
            if fill < rules[2] or ratio > rules[3] * rules[3]:
                continue
        parents[b] = a
        one, two = sums[a], sums[b]
        one[SUM_XX] += two[SUM_XX] + 2 * dx * two[SUM_X] + dx * dx * two[SIZE]
        one[SUM_YY] += two[SUM_YY] + 2 * dy * two[SUM_Y] + dy * dy * two[SIZE]
        one[SUM_XY] += two[SUM_XY] + dx * two[SUM_Y] + dy * two[SUM_X] + dx * dy * two[SIZE]
        one[SUM_X] += two[SUM_X] + dx * two[SIZE]
        one[SUM_Y] += two[SUM_Y] + dy * two[SIZE]
        one[SIZE] = size
        one[DAB : INNER + 1] += two[DAB : INNER + 1]
    for label in range(peaks.size):
        parents[label] = _root(parents, label)
    for number in range(len(passes)):
        a, b = parents[passes[number, 0]], parents[passes[number, 1]]
        if a != b:
            sums[a, INNER] += passes[number, 3]
            sums[b, INNER] += passes[number, 3]
    return parents
