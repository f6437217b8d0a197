"""Nuclei on H&E without training: dark in haematoxylin, dark beside what is round, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit  # type: ignore[import-untyped]
from numpy.typing import NDArray

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Basins:
    """How nuclei are told from what is round them, in pixels of 0.5 µm.

    ``fine`` and ``wide``: standard deviations of the blur that removes noise and of that which
    shows the surroundings. ``above``: so much of the tile's own contrast a nucleus stands above
    its surroundings. ``peak``: a valley so deep parts two nuclei (pixels of the distance to the
    edge). ``darkness``: how much a difference in density adds to that distance.
    ``smallest`` and ``largest``: square pixels.
    """

    fine: float = 1.2
    wide: float = 12.0
    above: float = 0.18
    peak: float = 0.4
    darkness: float = 6.0
    smallest: int = 40
    largest: int = 2500


def foreground(haematoxylin: Plane, way: Basins, contrast: float) -> NDArray[np.bool_]:
    """Where the density stands above its surroundings by ``above`` of ``contrast``."""
    fine = cv2.GaussianBlur(haematoxylin, (0, 0), way.fine)
    coarse = cv2.resize(haematoxylin, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(coarse, (0, 0), way.wide / 4)
    around = cv2.resize(coarse, haematoxylin.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask = (fine > around + way.above * contrast).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)) > 0


def contrast_of(haematoxylin: Plane, tissue: NDArray[np.bool_] | None = None) -> float:
    """What stands for dark nuclei in a slide: the 95th less the 30th percentile of the density."""
    seen = haematoxylin if tissue is None else haematoxylin[tissue]
    if not seen.size:
        return 1.0
    low, high = np.percentile(seen, (30, 95))
    return max(0.05, float(high - low))


def nuclei(haematoxylin: Plane, contrast: float, way: Basins | None = None) -> NDArray[np.int32]:
    """Numbered nuclei (h, w), 0 where there is none, of the density of haematoxylin (h, w)."""
    way = way or Basins()
    fore = foreground(haematoxylin, way, contrast)
    filled = _filled(fore)
    inner = cv2.distanceTransform(filled.astype(np.uint8), cv2.DIST_L2, 5)
    dark = cv2.GaussianBlur(haematoxylin, (0, 0), 2 * way.fine) / contrast
    hill = cv2.GaussianBlur(inner + way.darkness * dark.clip(0, 2), (0, 0), 1.0)
    levels = np.where(filled, (hill / way.peak * 4 + 1).clip(1, 254), 0).astype(np.uint8)
    return _apart(levels, 4, way.smallest, way.largest)


def _filled(fore: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without holes of less than 60 pixels: pale chromatin in a vesicular nucleus."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        (~fore).astype(np.uint8), connectivity=4
    )
    small = np.asarray(stats)[:, cv2.CC_STAT_AREA] < 60
    small[0] = False
    return fore | small[np.asarray(parts, np.int32)] if count > 1 else fore


@njit(cache=True)  # type: ignore[misc]
def _apart(levels: Any, depth: int, smallest: int, largest: int) -> Any:
    """Hills of a map of uint8 levels, 0 outside: a valley shallower than ``depth`` joins two.

    Pixels enter from the highest level down and join a hill beside them (union-find); where two
    hills meet, the lower one is swallowed if its top is less than ``depth`` above the pass.
    """
    height, width = levels.shape
    total = height * width
    start = np.zeros(257, np.int64)
    for y in range(height):
        for x in range(width):
            start[256 - levels[y, x]] += 1
    for level in range(1, 257):
        start[level] += start[level - 1]
    order = np.zeros(total, np.int32)
    for at in range(total - 1, -1, -1):
        level = 256 - levels[at // width, at % width]
        start[level] -= 1
        order[start[level]] = at
    hill = np.zeros(total, np.int32)
    parent = np.zeros(total + 1, np.int32)
    top = np.zeros(total + 1, np.int16)
    hills = 0
    for turn in range(total):
        at = order[turn]
        level = np.int16(levels[at // width, at % width])
        if level == 0:
            break
        y, x = at // width, at % width
        best = 0
        for way in range(4):
            to_y = y + (way == 0) - (way == 1)
            to_x = x + (way == 2) - (way == 3)
            if to_y < 0 or to_x < 0 or to_y >= height or to_x >= width:
                continue
            near = hill[to_y * width + to_x]
            if near == 0:
                continue
            while parent[near] != near:
                parent[near] = parent[parent[near]]
                near = parent[near]
            if best == 0 or best == near:
                best = near
                continue
            low, high = (near, best) if top[near] <= top[best] else (best, near)
            if top[low] - level < depth:
                parent[low] = high
            best = high
        if best == 0:
            hills += 1
            best = hills
            parent[best] = best
            top[best] = level
        hill[at] = best
    return _numbered(hill, parent, hills, height, width, smallest, largest)


@njit(cache=True)  # type: ignore[misc]
def _numbered(
    hill: Any, parent: Any, hills: int, height: int, width: int, smallest: int, largest: int
) -> Any:
    """Hills of a fitting area, numbered from 1 in reading order."""
    size = np.zeros(hills + 1, np.int32)
    for at in range(height * width):
        near = hill[at]
        while near != 0 and parent[near] != near:
            near = parent[near]
        hill[at] = near
        size[near] += 1
    number = np.zeros(hills + 1, np.int32)
    given = 0
    out = np.zeros((height, width), np.int32)
    for at in range(height * width):
        near = hill[at]
        if near == 0 or size[near] < smallest or size[near] > largest:
            continue
        if number[near] == 0:
            given += 1
            number[near] = given
        out[at // width, at % width] = number[near]
    return out
