"""Which basins are one nucleus: joined over high passes, from the highest down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled
from .kernel_planes import BASE
from .kernel_sums import (
    INNER,
    OUTER,
    SIZE,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
    WORDS,
    Moments,
    Packed,
)

TOP = (1 << 14) - 1
"""Heights lie below; a pass's key is what it lacks to there, then 25 and 24 bits of labels."""


@compiled
def _root(parents: NDArray[np.int32], label: int) -> int:
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@compiled
def _fill(a: NDArray[np.int32], b: NDArray[np.int32], dx: int, dy: int) -> tuple[float, float]:
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
def candidates(
    table: NDArray[np.int64],
    used: NDArray[np.int32],
    heights: NDArray[np.int32],
    moments: Moments,
    rules: NDArray[np.float64],
    out: NDArray[np.int64],
) -> int:
    """Keys by which the passes that might join two basins sort from the highest down, then by the
    basins' places; how many.

    What lies too deep beneath the lower peak, or between basins too large together, is left out:
    joining with others makes peaks higher and basins larger, so that it could never join.
    """
    found = 0
    for place in used:
        key, saddle = table[place, 0], table[place, 1] >> 32
        a, b = key >> 32, key & 0xFFFFFFFF
        low = min(heights[a], heights[b])
        if moments[a, SIZE] + moments[b, SIZE] > rules[4]:
            continue
        if low - saddle < max(rules[1], rules[5] * (low - BASE)):
            out[found] = (np.int64(TOP - saddle) << 49) | (a << 24) | b
            found += 1
    return found


@compiled
def joined(
    order: NDArray[np.int64],
    places: tuple[NDArray[np.int32], NDArray[np.int32]],
    heights: NDArray[np.int32],
    moments: Moments,
    packed: Packed,
    rules: NDArray[np.float64],
) -> NDArray[np.int32]:
    """The nucleus (a label of one of its basins) that each basin belongs to.

    ``order`` holds the passes' keys, sorted; ``places`` x and y of the peaks. Two are joined when
    the pass lies less than ``rules[0]`` or ``rules[5]`` of its height beneath the lower peak, or
    less than ``rules[1]`` while both together make one ellipse (filled to ``rules[2]``, axes
    within ``rules[3]``), never over ``rules[4]`` pixels. Large dark nuclei, whose chromatin has
    many peaks, stay whole by these rules. The sums of the joined become those of the nucleus, in
    the row of its highest peak.
    """
    peak_x, peak_y = places
    parents = np.arange(heights.size).astype(np.int32)
    for key in order:
        saddle = TOP - (key >> 49)
        a, b = _root(parents, (key >> 24) & 0x1FFFFFF), _root(parents, key & 0xFFFFFF)
        if a == b:
            continue
        high, low = heights[a], heights[b]
        if low > high or (low == high and b < a):
            a, b, low = b, a, high
        size = moments[a, SIZE] + moments[b, SIZE]
        drop = low - saddle
        if size > rules[4] or drop >= max(rules[1], rules[5] * (low - BASE)):
            continue
        dx, dy = peak_x[b] - peak_x[a], peak_y[b] - peak_y[a]
        if drop >= max(rules[0], rules[5] * (low - BASE)):
            fill, ratio = _fill(moments[a], moments[b], dx, dy)
            if fill < rules[2] or ratio > rules[3] * rules[3]:
                continue
        parents[b] = a
        one, two = moments[a], moments[b]
        one[SUM_XX] += two[SUM_XX] + 2 * dx * two[SUM_X] + dx * dx * two[SIZE]
        one[SUM_YY] += two[SUM_YY] + 2 * dy * two[SUM_Y] + dy * dy * two[SIZE]
        one[SUM_XY] += two[SUM_XY] + dx * two[SUM_Y] + dy * two[SUM_X] + dx * dy * two[SIZE]
        one[SUM_X] += two[SUM_X] + dx * two[SIZE]
        one[SUM_Y] += two[SUM_Y] + dy * two[SIZE]
        one[SIZE] = size
        one[OUTER] += two[OUTER]
        for word in range(WORDS):
            packed[a, word] += packed[b, word]
    for label in range(heights.size):
        parents[label] = _root(parents, label)
    return parents


@compiled
def bordered(
    table: NDArray[np.int64],
    used: NDArray[np.int32],
    nuclei: NDArray[np.int32],
    moments: Moments,
) -> None:
    """Adds to each nucleus the sides of its pixels that touch another."""
    for place in used:
        key, pixels = table[place, 0], table[place, 1] & 0xFFFFFFFF
        a, b = nuclei[key >> 32], nuclei[key & 0xFFFFFFFF]
        if a != b:
            moments[a, INNER] += pixels
            moments[b, INNER] += pixels
