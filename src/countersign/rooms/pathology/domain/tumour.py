"""Tumour or not, nucleus by nucleus: what is asked of its shape and of its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import Found
from .kernel_compiled import compiled

REACH = 20.0
"""µm within which others are neighbours."""

FEATURES = (
    "area",
    "long",
    "short",
    "slenderness",
    "border",
    "neighbours",
    "nearest",
    "area_around",
    "area_spread_around",
    "slenderness_around",
    "aligned",
    "aligned_around",
)
"""Lengths in µm, areas in µm². ``border``: share of the outline that touches another nucleus.
``aligned``: how well its direction follows its neighbours', −1 to 1; ``aligned_around``: how much
of one direction they have among themselves, 0 to 1.

Nothing here knows a stain: what decides who stands in the denominator must not know who is
positive.
"""


def features(found: Found, um: float) -> NDArray[np.float32]:
    """Shape (n, ``FEATURES``) of nuclei of a working grid of ``um`` micrometres."""
    columns = [
        found.column(name) for name in ("x", "y", "area", "long", "short", "angle", "border")
    ]
    if not len(found.rows):
        return np.zeros((0, len(FEATURES)), np.float32)
    x, y, area, long, short, angle, border = (
        np.ascontiguousarray(one, np.float32) for one in columns
    )
    scale = np.float32(um)
    order, starts, cells = _cells(x * scale, y * scale)
    return _asked(
        x * scale,
        y * scale,
        area * scale * scale,
        long * scale,
        short * scale,
        np.cos(2 * angle),
        np.sin(2 * angle),
        border,
        order,
        starts,
        cells,
        np.float32(REACH),
    )


def _cells(
    x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, int]]:
    """Nuclei by squares of ``REACH``: their rows, square by square, and where each begins."""
    column, line = (x // REACH).astype(np.int64), (y // REACH).astype(np.int64)
    columns, lines = int(column.max()) + 1, int(line.max()) + 1
    cell = line * columns + column
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(lines * columns + 1))
    return order, starts, (lines, columns)


@compiled
def _asked(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    area: NDArray[np.float32],
    long: NDArray[np.float32],
    short: NDArray[np.float32],
    cosine: NDArray[np.float32],
    sine: NDArray[np.float32],
    border: NDArray[np.float32],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    cells: tuple[int, int],
    reach: np.float32,
) -> NDArray[np.float32]:
    lines, columns = cells
    out = np.empty((x.size, 12), np.float32)
    for cell in range(lines * columns):
        line, column = cell // columns, cell % columns
        for place in range(starts[cell], starts[cell + 1]):
            one = order[place]
            count, nearest = 0, reach * reach
            sum_area = sum_area_2 = sum_slender = 0.0
            sum_cosine = sum_sine = weight = 0.0
            for v in range(max(line - 1, 0), min(line + 2, lines)):
                first = starts[v * columns + max(column - 1, 0)]
                last = starts[v * columns + min(column + 1, columns - 1) + 1]
                for near in range(first, last):
                    other = order[near]
                    dx, dy = x[other] - x[one], y[other] - y[one]
                    far = dx * dx + dy * dy
                    if far > reach * reach or other == one:
                        continue
                    count += 1
                    nearest = min(nearest, far)
                    sum_area += area[other]
                    sum_area_2 += area[other] * area[other]
                    slender = long[other] / short[other]
                    sum_slender += slender
                    sum_cosine += (slender - 1) * cosine[other]
                    sum_sine += (slender - 1) * sine[other]
                    weight += slender - 1
            row = out[one]
            many, weight = max(count, 1), max(weight, 1e-3)
            mean = sum_area / many
            row[0], row[1], row[2] = area[one], long[one], short[one]
            row[3], row[4] = long[one] / short[one], border[one]
            row[5], row[6] = count, np.sqrt(nearest)
            row[7] = mean if count else area[one]
            row[8] = np.sqrt(max(sum_area_2 / many - mean * mean, 0.0))
            row[9] = sum_slender / many if count else row[3]
            row[10] = (cosine[one] * sum_cosine + sine[one] * sum_sine) / weight
            row[11] = np.sqrt(sum_cosine * sum_cosine + sum_sine * sum_sine) / weight
    return out
