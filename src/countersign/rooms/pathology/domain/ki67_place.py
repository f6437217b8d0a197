"""Which nuclei lie in a region, and how many of each class lie where: for millions at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled
from .measured import Region

Column = NDArray[np.float32]

_LINES = 2048
"""Lines across a region by which its edges are sorted."""


def inside(x: Column, y: Column, regions: Sequence[Region]) -> NDArray[np.uint8]:
    """1 where a centre lies in any of the regions and in none of that region's holes.

    Even-odd rule; a centre on an edge counts on one side of it alone.
    """
    found = np.zeros(len(x), np.uint8)
    for one in regions:
        rings = [ring.points.astype(np.float64) for ring in (one.outline, *one.holes)]
        rings = [ring for ring in rings if len(ring) >= 3]
        if not rings:
            continue
        edges = np.concatenate([np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings])
        edges = edges[edges[:, 1] != edges[:, 3]]
        if len(edges):
            order, starts, top, step = _by_line(edges)
            _mark(x, y, edges, order, starts, top, step, found)
    return found


def _by_line(
    edges: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], float, float]:
    """Edges that meet each line, one line after the other, and where each line's begin."""
    low, high = edges[:, [1, 3]].min(axis=1), edges[:, [1, 3]].max(axis=1)
    top, bottom = float(low.min()), float(high.max())
    step = (bottom - top) / _LINES * (1 + 1e-9)
    first = ((low - top) // step).astype(np.int64)
    last = np.minimum(((high - top) // step).astype(np.int64), _LINES - 1)
    counts = last - first + 1
    whose = np.repeat(np.arange(len(edges)), counts)
    begun = np.repeat(np.cumsum(counts) - counts, counts)
    lines: NDArray[np.int64] = np.arange(len(whose), dtype=np.int64) - begun
    lines += np.repeat(first, counts)
    order = np.argsort(lines, kind="stable")
    starts = np.searchsorted(lines[order], np.arange(_LINES + 1)).astype(np.int64)
    return whose[order].astype(np.int64), starts, top, step


@compiled
def _mark(
    x: Column,
    y: Column,
    edges: NDArray[np.float64],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    top: float,
    step: float,
    found: NDArray[np.uint8],
) -> None:
    for row in range(x.size):
        at_x, at_y = np.float64(x[row]), np.float64(y[row])
        line = np.int64((at_y - top) // step) if at_y >= top else -1
        if line < 0 or line >= starts.size - 1 or found[row]:
            continue
        odd = False
        for place in range(starts[line], starts[line + 1]):
            edge = edges[order[place]]
            if (edge[1] > at_y) != (edge[3] > at_y):
                cross = (edge[2] - edge[0]) * (at_y - edge[1]) / (edge[3] - edge[1]) + edge[0]
                if at_x < cross:
                    odd = not odd
        if odd:
            found[row] = 1


def tally(
    x: Column,
    y: Column,
    stain: Column,
    kinds: NDArray[np.uint8],
    grades: NDArray[np.float32],
    side: np.float64,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tumour nuclei of 0, 1+, 2+, 3+ and other nuclei, shape (5,); and for each square of ``side``
    pixels its positive and all tumour nuclei, shape (n, 2)."""
    if not len(x):
        return np.zeros(5, np.int64), np.zeros((0, 2), np.int64)
    left, top = np.float64(x.min()), np.float64(y.min())
    columns = int((float(x.max()) - left) // side) + 1
    lines = int((float(y.max()) - top) // side) + 1
    return _tally(x, y, stain, kinds, grades, 1.0 / side, left, top, lines, columns)


@compiled
def _tally(
    x: Column,
    y: Column,
    stain: Column,
    kinds: NDArray[np.uint8],
    grades: NDArray[np.float32],
    per: float,
    left: float,
    top: float,
    lines: int,
    columns: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    whole = np.zeros(5, np.int64)
    fields = np.zeros((lines * columns, 2), np.int64)
    for row in range(x.size):
        kind = kinds[row]
        if kind == 0:
            continue
        if kind == 1:
            whole[4] += 1
            continue
        value = stain[row]
        grade = (value >= grades[0]) + (value >= grades[1]) + (value >= grades[2])
        if kind == 3:
            grade = 0
        elif kind == 4:
            grade = max(1, (value >= grades[0]) + (value >= grades[1]) + (value >= grades[2]))
        whole[grade] += 1
        line = min(np.int64((y[row] - top) * per), lines - 1)
        field = fields[line * columns + min(np.int64((x[row] - left) * per), columns - 1)]
        field[1] += 1
        field[0] += grade > 0
    return whole, fields
