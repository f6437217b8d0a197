"""Finds every nucleus of a picture and measures it: unmixing, background, basins, means.

About 7 ns of one core for a pixel of half a micrometre. All of it is integer arithmetic or depends
on a nucleus alone, so that a nucleus comes out the same wherever a tile's edge lies, as long as
what it touches lies inside the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from . import kernel_basins as land_of
from . import kernel_joining as joining
from . import kernel_planes as planes
from . import kernel_sums as summed
from .kernel_measure import COLUMNS, measured
from .kernel_scratch import Scratch

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
    drop: float = 60
    drop_ellipse: float = 180
    share: float = 0.08
    fill: float = 0.94
    axes: float = 2.4
    """When two basins are one nucleus; see ``kernel_joining.joined``."""
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
    rgb: NDArray[np.uint8],
    table: NDArray[np.uint32],
    mpp: float,
    rules: Rules | None = None,
    scratch: Scratch | None = None,
) -> Found:
    """Every nucleus of ``rgb`` (height, width, 3), whose pixels are ``mpp`` micrometres wide.

    Up to ``FINE`` they are taken in blocks of two by two: the working grid lies near 1 µm.
    With a ``scratch`` the planes are made in it, and ``basins`` stand until it is used again.
    Raises ValueError where the largest nucleus has more than ``kernel_sums.MOST`` pixels.
    """
    rules = rules or Rules()
    scratch = scratch or Scratch()
    step = 2 if mpp <= FINE else 1
    um = mpp * step
    if rules.largest / um**2 > summed.MOST:
        raise ValueError("the pixels are too fine for nuclei as large as these")
    shape = rgb.shape[0] // step, rgb.shape[1] // step
    if min(shape) < 2 * planes.BLOCK:
        return Found.none(shape)
    entries = scratch.plane("entries", shape, np.uint32)
    planes.unmixed(rgb, table, step, entries)
    fine, low = scratch.plane("fine", shape, np.uint16), scratch.plane("low", shape, np.uint16)
    land = _land(scratch, entries, fine, low, rules, um)
    labels, peaks = _basins(scratch, land)
    shapes = scratch.plane("moments", (peaks.size, summed.MOMENTS), np.int32)
    packed = scratch.plane("packed", (peaks.size, summed.WORDS), np.uint64)
    places = summed.PLACES * peaks.size + 3 * peaks.size
    passes = scratch.plane("passes", (places, 2), np.int64)
    used = scratch.plane("used", (places,), np.int32)
    at = peaks % land.shape[1], peaks // land.shape[1]
    seen = fine, entries, low
    used = used[: summed.surveyed(labels, land, at, seen, (shapes, packed), passes, used)]
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
    heights = land.ravel()[peaks].astype(np.int32)
    order = scratch.plane("order", (places,), np.int64)
    order = order[: joining.candidates(passes, used, heights, shapes, limits, order)]
    order.sort()
    nuclei = joining.joined(order, at, heights, shapes, packed, limits)
    joining.bordered(passes, used, nuclei, shapes)
    sizes = np.array([rules.smallest / um**2, rules.largest / um**2, rules.narrowest / um])
    rows, numbers = measured(shapes, packed, peaks, nuclei, land.shape[1], sizes)
    return Found(rows, numbers, labels[1:-1, 1:-1])


def _land(
    scratch: Scratch,
    entries: NDArray[np.uint32],
    fine: planes.Plane,
    low: planes.Plane,
    rules: Rules,
    um: float,
) -> planes.Plane:
    """The topography, a pixel larger on each side; ``fine`` and ``low``, the signal and its
    background, are written on the way."""
    height, width = entries.shape
    blocks = height // planes.BLOCK, width // planes.BLOCK
    least, means = np.empty(blocks, np.uint16), np.empty(blocks, np.uint16)
    planes.fined(entries, fine, least, means)
    masks = [scratch.plane(f"mask {number}", entries.shape, np.uint8) for number in range(DEEPEST)]
    planes.masked(fine, _ground(least, rules.opening, um), rules.threshold, low, masks[0])
    # Steps to the mask's edge, by octagons, which are nearly round.
    for step, (before, after) in enumerate(pairwise(masks)):
        cv2.erode(before, _CROSS if step % 2 else _SQUARE, dst=after)
    land = scratch.plane("land", (height + 2, width + 2), np.uint16)
    planes.topography(fine, planes.smoothed(means), (masks[0], masks[1], masks[2], masks[3]), land)
    return land


def _ground(least: planes.Plane, opening: float, um: float) -> planes.Plane:
    """The background for each block: an opening of the least, then smoothed."""
    size = max(3, round(opening / (um * planes.BLOCK)) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = np.asarray(cv2.morphologyEx(least, cv2.MORPH_OPEN, disc), np.uint16)
    return planes.smoothed(planes.smoothed(opened))


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)


def _basins(scratch: Scratch, land: planes.Plane) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels in the shape of the topography, and the flat place of each label's peak."""
    eights = -(-land.size // 8)
    codes = scratch.plane("codes", (8 * eights,), np.uint8)
    codes[land.size :] = land_of.NOWHERE
    own = codes[: land.size]
    land_of.climbs(land, own.reshape(land.shape))
    labels = scratch.plane("labels", land.shape, np.int32)
    goals = scratch.plane("goals", (land.size,), np.uint32)
    peaks = scratch.plane("peaks", (land.size // 4 + 2,), np.int32)
    peaks[0] = 0
    width = land.shape[1]
    count = land_of.basins(own, codes.view(np.uint64), width, goals, labels.reshape(-1), peaks)
    return labels, peaks[: count + 1]
