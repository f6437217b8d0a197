"""Finds every nucleus of a picture and measures it: unmixing, background, basins, means.

About 7 ns of one core for a pixel of half a micrometre. All of it is integer arithmetic or depends
on a nucleus alone, so that a nucleus comes out the same wherever a tile's edge lies, as long as
what it touches lies inside the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from . import kernel_basins as land_of
from . import kernel_planes as planes
from .kernel_measure import COLUMNS, measured

DEEPEST = 4
"""Pixels of the working grid beyond which depth counts no more."""


FINE = 0.6
"""Micrometres a pixel up to which pixels are taken in blocks of two by two."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as a nucleus, in micrometres and units of the signal's table."""

    threshold: int = 364
    """Signal above the background, in sixteenths of a table step, at which a nucleus begins."""
    smallest: float = 8.0
    largest: float = 200.0
    """µm² of a nucleus; nothing is joined beyond the largest."""
    narrowest: float = 3.5
    """µm of the shorter axis: fibres and folds are narrower."""
    dark: int = 4
    around: int = 3
    deep: int = 90
    """Weights of darkness, of the neighbourhood and of depth in the topography."""
    drop: float = 60
    drop_ellipse: float = 180
    share: float = 0.08
    fill: float = 0.94
    axes: float = 2.4
    """When two basins are one nucleus; see ``kernel_basins.joined``."""
    opening: float = 16.0
    """µm across, of what the background passes under."""


class Found(NamedTuple):
    """Nuclei by row, ``COLUMNS`` as columns, positions and lengths in pixels of the working grid
    (x and y of the centre of the picture's first pixel are 0); and whose each pixel is."""

    rows: NDArray[np.float32]
    numbers: NDArray[np.int32]
    basins: NDArray[np.int32]

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Found:
        """No nucleus in a working grid of this shape."""
        rows = np.zeros((0, len(COLUMNS)), np.float32)
        return cls(rows, np.zeros(1, np.int32), np.zeros(shape, np.int32))

    @property
    def labels(self) -> NDArray[np.int32]:
        """Row + 1 of the nucleus that each pixel of the working grid belongs to, 0 of none."""
        return self.numbers[self.basins]

    def column(self, name: str) -> NDArray[np.float32]:
        """One column by its name."""
        return self.rows[:, COLUMNS.index(name)]


def detect(
    rgb: NDArray[np.uint8], table: NDArray[np.uint32], mpp: float, rules: Rules | None = None
) -> Found:
    """Every nucleus of ``rgb`` (height, width, 3), whose pixels are ``mpp`` micrometres wide.

    Up to ``FINE`` they are taken in blocks of two by two: the working grid lies near 1 µm.
    """
    rules = rules or Rules()
    step = 2 if mpp <= FINE else 1
    um = mpp * step
    signal, dab, blue = planes.unmixed(rgb, table, step)
    if min(signal.shape) < 2 * planes.BLOCK:
        return Found.none(signal.shape)
    fine = planes.smoothed(signal)
    height, width = fine.shape
    ground = planes.spread(_ground(fine, rules.opening / (um * planes.BLOCK)), height, width)
    mask = planes.above(fine, ground, rules.threshold)
    means = planes.smoothed(planes.means_of_blocks(fine), 2)
    land = planes.topography(
        planes.smoothed(fine, 2),
        planes.spread(means, height, width),
        mask,
        _depth(mask),
        np.array([rules.dark, rules.around, rules.deep], np.int32),
    )
    basins, peaks = land_of.basins(land)
    sums = land_of.surveyed(basins, peaks, fine, dab, blue, ground)
    nuclei = _joined(land, basins, peaks, sums, rules, um)
    sizes = np.array([rules.smallest / um**2, rules.largest / um**2, rules.narrowest / um])
    rows, numbers = measured(sums, peaks, nuclei, width + 2, sizes)
    return Found(rows, numbers, basins[1:-1, 1:-1])


def _ground(fine: planes.Plane, across: float) -> planes.Plane:
    """The background for each block: an opening of the least, then smoothed."""
    least = planes.least_of_blocks(fine)
    size = max(3, round(across) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(least, cv2.MORPH_OPEN, disc)
    return planes.smoothed(planes.smoothed(opened.astype(np.uint16), 2), 2)


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)


def _depth(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Steps to the mask's edge, ``DEEPEST`` at most; by octagons, which are nearly round."""
    depth = mask.copy()
    worn = mask
    for step in range(DEEPEST - 1):
        worn = np.asarray(cv2.erode(worn, _CROSS if step % 2 else _SQUARE), np.uint8)
        depth += worn
    return depth


def _joined(
    land: NDArray[np.int32],
    basins: NDArray[np.int32],
    peaks: NDArray[np.int32],
    sums: NDArray[np.int64],
    rules: Rules,
    um: float,
) -> NDArray[np.int32]:
    passes = land_of.saddles(land, basins, len(peaks) - 1)
    # The highest first, then by the basins' places: heights take 21 bits, labels 20 each.
    order = np.argsort(((1 << 22) - passes[:, 2] << 40) | (passes[:, 0] << 20) | passes[:, 1])
    limits = np.array(
        [
            rules.drop,
            rules.drop_ellipse,
            rules.fill,
            rules.axes,
            rules.largest / um**2,
            rules.share,
        ]
    )
    return land_of.joined(land, peaks, passes, order, sums, limits, land.shape[1])
