"""Where the index is highest: round fields of at least 500 tumour nuclei, found without chance, of
a slide as measured and under a pathologist's corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .ki67 import FEWEST, OTHER, Count
from .ki67_interval import wilson
from .measured import Nuclei, Region, Ring

GRID: Final = 50.0
"""µm between the positions that are tried."""

DIAMETERS: Final = (500.0, 700.0, 1000.0, 1400.0, 2000.0)
"""µm across a field, the first about a high-power field (0.2 mm²); a wider one is tried only where
none of the one before holds 500 tumour nuclei."""

MOST: Final = 3
EXACT: Final = 200
CORNERS: Final = 48

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spot:
    """A field: its outline (kind ``hotspot``) and its tumour nuclei.

    ``diameter`` in µm and ``centre`` in level-0 pixels, None for one that a person drew.
    """

    region: Region
    diameter: float | None
    count: Count
    centre: tuple[float, float] | None = None

    @property
    def positive(self) -> int:
        """Tumour nuclei of 1+ and more."""
        return self.count.positive

    @property
    def total(self) -> int:
        """All tumour nuclei."""
        return self.count.total

    @property
    def share(self) -> float:
        """The index, 0 to 1."""
        return self.count.share or 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval: it takes the field as given, although it was chosen for being
        the highest, and is too narrow by that."""
        return wilson(self.positive, self.total)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Tumour nuclei alone, by y, with their grades; ``mpp`` µm of a pixel."""

    x: Floats
    y: Floats
    grades: NDArray[np.uint8]
    mpp: float

    def within(self, x: float, y: float, diameter: float) -> Count:
        """The nuclei of a field."""
        radius = diameter / 2 / self.mpp
        first = int(np.searchsorted(self.y, y - radius - 1))
        last = int(np.searchsorted(self.y, y + radius + 1))
        across = self.x[first:last] - np.float32(x)
        down = self.y[first:last] - np.float32(y)
        near = np.hypot(across, down) <= radius
        none, one, two, three = np.bincount(self.grades[first:last][near], minlength=OTHER).tolist()
        return Count((none, one, two, three), wilson(one + two + three, none + one + two + three))


def spots(nuclei: Nuclei, kinds: NDArray[np.uint8], mpp: float) -> tuple[Spot, ...]:
    """Up to three fields that do not overlap, the highest index first. ``kinds`` as of
    ``ki67.counted``; none where even the widest field holds fewer than 500 tumour nuclei.
    """
    rows = np.flatnonzero(kinds < OTHER)
    if len(rows) < FEWEST:
        return ()
    rows = rows[np.argsort(nuclei.y[rows], kind="stable")]
    every = _Counting(nuclei.x[rows], nuclei.y[rows], kinds[rows], mpp)
    left, top = float(every.x.min()), float(every.y.min())
    column = ((every.x - left) / (GRID / mpp)).astype(np.intp)
    line = ((every.y - top) / (GRID / mpp)).astype(np.intp)
    shape = (int(line.max()) + 1, int(column.max()) + 1)
    place = line * shape[1] + column
    many = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    hot = np.bincount(place, every.grades > 0, shape[0] * shape[1]).reshape(shape)
    for diameter in DIAMETERS:
        found = _tried(
            every, many.astype(np.float32), hot.astype(np.float32), (left, top), diameter
        )
        if found:
            return found
    return ()


def _tried(
    every: _Counting, many: Floats, hot: Floats, origin: tuple[float, float], diameter: float
) -> tuple[Spot, ...]:
    """The best positions of one size: first by counts of the grid, then counted exactly."""
    disc = _disc(round(diameter / GRID / 2))
    total = cv2.filter2D(many, -1, disc, borderType=cv2.BORDER_CONSTANT).round().ravel()
    positive = cv2.filter2D(hot, -1, disc, borderType=cv2.BORDER_CONSTANT).round().ravel()
    places = np.flatnonzero(total >= FEWEST)
    share = positive[places] / total[places]
    found: list[tuple[float, float, Spot]] = []
    exact = 0
    for at in np.lexsort((-total[places], -share)):
        if len(found) == MOST or exact >= EXACT:
            break
        line, column = divmod(int(places[at]), many.shape[1])
        x = origin[0] + (column + 0.5) * GRID / every.mpp
        y = origin[1] + (line + 0.5) * GRID / every.mpp
        if any(np.hypot(x - one[0], y - one[1]) < diameter / every.mpp for one in found):
            continue
        exact += 1
        counted = every.within(x, y, diameter)
        if counted.total >= FEWEST:
            region = _circle(x, y, diameter / 2 / every.mpp)
            found.append((x, y, Spot(region, diameter, counted, (x, y))))
    return tuple(sorted((one for _, _, one in found), key=lambda one: (-one.share, -one.total)))


def _disc(radius: int) -> Floats:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return (np.hypot(x, y) <= radius).astype(np.float32)


def _circle(x: float, y: float, radius: float) -> Region:
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    return Region("hotspot", Ring(ring.astype(np.float32)))
