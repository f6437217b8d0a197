"""What is measured on each nucleus: place, size, shape, stains, contrast, edge, texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import kernel_sums as sums
from .kernel_compiled import compiled

COLUMNS = (
    "x",
    "y",
    "area",
    "dab",
    "haematoxylin",
    "contrast",
    "long",
    "short",
    "angle",
    "border",
    "chromatin",
    "grain",
)
"""Centre and area in pixels of the working grid; optical densities; contrast of the signal to the
background in table steps; axes of the moments' ellipse (pixels) and the longer one's angle (radians
from x, in [−π/2, π/2]); share of the outline that touches another nucleus; and of pixels away from
the outline the signal's standard deviation and its mean difference to its neighbours, in table
steps."""

_ZERO, _UNIT = 160.0, 400.0
"""Of the table's optical densities, four entries together."""


@compiled
def measured(
    moments: sums.Moments,
    packed: sums.Packed,
    peaks: NDArray[np.int32],
    nuclei: NDArray[np.int32],
    width: int,
    sizes: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Rows of ``COLUMNS`` in the order of their highest peaks, and the row + 1 of each basin.

    Nuclei below ``sizes[0]`` or above ``sizes[1]`` pixels, or whose shorter axis is below
    ``sizes[2]``, are left out (0). ``width`` is that of the labels, one pixel around the planes.
    """
    rows = np.zeros((peaks.size, 12), np.float32)
    numbers = np.zeros(peaks.size, np.int32)
    count = 0
    for label in range(1, peaks.size):
        size = moments[label, sums.SIZE]
        if nuclei[label] != label or size < sizes[0] or size > sizes[1]:
            continue
        row = rows[count]
        _shaped(row, moments[label], peaks[label] % width - 1, peaks[label] // width - 1)
        if row[7] >= sizes[2]:
            _stained(row, packed[label], np.float64(size))
            count += 1
            numbers[label] = count
    for label in range(1, peaks.size):
        numbers[label] = numbers[nuclei[label]]
    return rows[:count], numbers


@compiled
def _shaped(row: NDArray[np.float32], one: NDArray[np.int32], x: int, y: int) -> None:
    size = np.float64(one[sums.SIZE])
    mean_x, mean_y = one[sums.SUM_X] / size, one[sums.SUM_Y] / size
    var_x = max(one[sums.SUM_XX] / size - mean_x * mean_x, 0.0) + 1 / 12
    var_y = max(one[sums.SUM_YY] / size - mean_y * mean_y, 0.0) + 1 / 12
    cov = one[sums.SUM_XY] / size - mean_x * mean_y
    spread = np.sqrt((var_x - var_y) * (var_x - var_y) / 4 + cov * cov)
    middle = (var_x + var_y) / 2
    row[0] = x + mean_x
    row[1] = y + mean_y
    row[2] = size
    row[6] = 4 * np.sqrt(middle + spread)
    row[7] = 4 * np.sqrt(max(middle - spread, 1 / 12))
    row[8] = 0.5 * np.arctan2(2 * cov, var_x - var_y)
    row[9] = one[sums.INNER] / max(one[sums.INNER] + one[sums.OUTER], 1)


@compiled
def _stained(row: NDArray[np.float32], words: NDArray[np.uint64], size: float) -> None:
    value, ground, dab = _part(words[0], 0, 22), _part(words[0], 22, 22), _part(words[0], 44, 20)
    row[3] = (dab / size - _ZERO) / _UNIT
    row[4] = (_part(words[1], 0, 20) / size - _ZERO) / _UNIT
    row[5] = (value / size - ground / size) / 16
    within = max(_part(words[1], 20, 10), 1.0)
    mean = _part(words[1], 30, 22) / within
    row[10] = np.sqrt(max(_part(words[2], 0, 34) / within - mean * mean, 0.0)) / 16
    row[11] = _part(words[2], 34, 24) / within / 64


@compiled
def _part(word: np.uint64, first: int, bits: int) -> float:
    """The sum that lies in these bits of a word."""
    return float((np.int64(word) >> first) & ((1 << bits) - 1))
