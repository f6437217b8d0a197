"""Tumour or not, nucleus by nucleus: what is asked of its shape and of its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import Found
from .kernel_compiled import compiled

Column = NDArray[np.float32]

REACH = 20.0
"""µm within which others are neighbours."""

FAINT = np.float32(4.0)
"""Table steps of contrast below which texture is noise."""

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
    "grain",
    "chromatin_around",
    "grain_around",
)
"""Lengths in µm, areas in µm². ``border``: share of the outline that touches another nucleus.
``aligned``: how well its direction follows its neighbours', −1 to 1; ``aligned_around``: how much
of one direction they have among themselves, 0 to 1.

``grain`` and ``chromatin_around``: fine texture within, and coarse texture of the neighbours, each
a part of the contrast to the background, so that neither grows with how dark a nucleus is.

Nothing here knows a stain: what decides who stands in the denominator must not know who is
positive. A nucleus's own coarse texture is left out, for DAB changes it.
"""


def features(found: Found, um: float) -> NDArray[np.float32]:
    """Shape (n, ``FEATURES``) of nuclei of a working grid of ``um`` micrometres."""
    columns = [
        found.column(name)
        for name in ("x", "y", "area", "long", "short", "angle", "border", "chromatin", "grain")
    ]
    if not len(found.rows):
        return np.zeros((0, len(FEATURES)), np.float32)
    x, y, area, long, short, angle, border, chromatin, grain = (
        np.ascontiguousarray(one, np.float32) for one in columns
    )
    scale = np.float32(um)
    contrast = np.maximum(found.column("contrast"), FAINT)
    chromatin, grain = chromatin / contrast, grain / contrast
    x, y, area, long, short = (
        x * scale,
        y * scale,
        area * scale * scale,
        long * scale,
        short * scale,
    )
    order, starts, cells = _cells(x, y)
    out = np.empty((len(x), len(FEATURES)), np.float32)
    columns = (x, y, area, long, short, np.cos(2 * angle), np.sin(2 * angle), border)
    _asked(
        tuple(one[order] for one in (*columns, chromatin, grain)), order, starts, cells, REACH, out
    )
    return out


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
    columns: tuple[Column, ...],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    cells: tuple[int, int],
    reach: float,
    out: NDArray[np.float32],
) -> None:
    """``columns`` lie cell by cell; row ``order[place]`` of ``out`` is what stands at ``place``."""
    x, y, area, long, short, cosine, sine, border, chromatin, grain = columns
    lines, across = cells
    slender = (long / short).astype(np.float64)
    square = (area * area).astype(np.float64)
    alike, athwart = (slender - 1) * cosine, (slender - 1) * sine
    near = np.empty(x.size, np.int64)
    limit = np.float32(reach * reach)
    for cell in range(lines * across):
        line, column = cell // across, cell % across
        for one in range(starts[cell], starts[cell + 1]):
            count, nearest = 0, limit
            for v in range(max(line - 1, 0), min(line + 2, lines)):
                first = starts[v * across + max(column - 1, 0)]
                last = starts[v * across + min(column + 1, across - 1) + 1]
                for other in range(first, last):
                    dx, dy = x[other] - x[one], y[other] - y[one]
                    far = dx * dx + dy * dy
                    near[count] = other
                    count += far <= limit and other != one
            sum_area = sum_area_2 = sum_slender = 0.0
            sum_cosine = sum_sine = weight = sum_chromatin = sum_grain = 0.0
            for place in range(count):
                other = near[place]
                dx, dy = x[other] - x[one], y[other] - y[one]
                nearest = min(nearest, dx * dx + dy * dy)
                sum_area += area[other]
                sum_area_2 += square[other]
                sum_slender += slender[other]
                sum_cosine += alike[other]
                sum_sine += athwart[other]
                weight += slender[other] - 1
                sum_chromatin += chromatin[other]
                sum_grain += grain[other]
            row = out[order[one]]
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
            row[12] = grain[one]
            row[13] = sum_chromatin / many if count else chromatin[one]
            row[14] = sum_grain / many if count else grain[one]
