"""What is measured on each nucleus: place, size, shape, stains, texture, contrast, edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import kernel_basins as land
from .kernel_compiled import compiled

COLUMNS = (
    "x",
    "y",
    "area",
    "dab",
    "haematoxylin",
    "contrast",
    "texture",
    "long",
    "short",
    "angle",
    "border",
    "dab_spread",
    "chromatin",
    "grain",
)
"""Centre and area in pixels of the working grid; optical densities; contrast of the signal to the
background and texture (its standard deviation) in table steps; axes of the moments' ellipse
(pixels) and the longer one's angle (radians from x, in [−π/2, π/2]); share of the outline that
touches another nucleus; spread of DAB; and of pixels away from the outline the signal's standard
deviation and its mean difference to its neighbours, in table steps."""

_ZERO, _UNIT = 160.0, 400.0
"""Of the table's optical densities, four entries together."""


@compiled
def measured(
    sums: NDArray[np.int64],
    peaks: NDArray[np.int32],
    nuclei: NDArray[np.int32],
    width: int,
    sizes: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Rows of ``COLUMNS`` in the order of their highest peaks, and the row + 1 of each basin.

    Nuclei below ``sizes[0]`` or above ``sizes[1]`` pixels, or whose shorter axis is below
    ``sizes[2]``, are left out (0). ``width`` is that of the labels, one pixel around the planes.
    """
    rows = np.zeros((peaks.size, 14), np.float32)
    numbers = np.zeros(peaks.size, np.int32)
    count = 0
    for label in range(1, peaks.size):
        one = sums[label]
        if nuclei[label] != label or one[land.SIZE] < sizes[0] or one[land.SIZE] > sizes[1]:
            continue
        row = rows[count]
        _fill(row, one, peaks[label] % width - 1, peaks[label] // width - 1)
        if row[8] >= sizes[2]:
            count += 1
            numbers[label] = count
    for label in range(1, peaks.size):
        numbers[label] = numbers[nuclei[label]]
    return rows[:count], numbers


@compiled
def _fill(row: NDArray[np.float32], one: NDArray[np.int64], x: int, y: int) -> None:
    size = np.float64(one[land.SIZE])
    mean_x, mean_y = one[land.SUM_X] / size, one[land.SUM_Y] / size
    var_x = max(one[land.SUM_XX] / size - mean_x * mean_x, 0.0) + 1 / 12
    var_y = max(one[land.SUM_YY] / size - mean_y * mean_y, 0.0) + 1 / 12
    cov = one[land.SUM_XY] / size - mean_x * mean_y
    spread = np.sqrt((var_x - var_y) * (var_x - var_y) / 4 + cov * cov)
    middle = (var_x + var_y) / 2
    dab, value = one[land.DAB] / size, one[land.VALUE] / size
    row[0] = x + mean_x
    row[1] = y + mean_y
    row[2] = size
    row[3] = (dab - _ZERO) / _UNIT
    row[4] = (one[land.BLUE] / size - _ZERO) / _UNIT
    row[5] = (value - one[land.GROUND] / size) / 16
    row[6] = np.sqrt(max(one[land.VALUE_2] / size - value * value, 0.0)) / 16
    row[7] = 4 * np.sqrt(middle + spread)
    row[8] = 4 * np.sqrt(max(middle - spread, 1 / 12))
    row[9] = 0.5 * np.arctan2(2 * cov, var_x - var_y)
    row[10] = one[land.INNER] / max(one[land.INNER] + one[land.OUTER], 1)
    row[11] = np.sqrt(max(one[land.DAB_2] / size - dab * dab, 0.0)) / _UNIT
    within = max(np.float64(one[land.WITHIN]), 1.0)
    value = one[land.WITHIN_VALUE] / within
    row[12] = np.sqrt(max(one[land.WITHIN_2] / within - value * value, 0.0)) / 16
    row[13] = one[land.GRAIN] / within / 64
