"""Where the index is highest: round fields of at least 500 tumour nuclei, found without chance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .hscore import GRADES
from .ki67 import FEWEST, Index, index_from
from .ki67_interval import wilson
from .measured import Nuclei, Region, Ring

GRID = 50.0
"""µm between the positions that are tried."""

DIAMETERS = (500.0, 700.0, 1000.0, 1400.0, 2000.0)
"""µm across a field. The first is about a high-power field (0.2 mm²); wider ones are tried only
where no field of the one before holds 500 tumour nuclei."""

_CORNERS = 48
_EXACT = 200
"""Fields of one size that are counted nucleus by nucleus at most."""


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A field: centre in level-0 pixels, diameter in µm, its index. The interval of ``index`` is
    Wilson's: it takes the field as given, although it was chosen for being the highest, and is
    too narrow by that."""

    x: float
    y: float
    diameter: float
    index: Index
    region: Region


def hotspots(
    nuclei: Nuclei,
    kinds: NDArray[np.uint8],
    mpp: float,
    threshold: float = GRADES[0],
    most: int = 3,
) -> tuple[Hotspot, ...]:
    """Up to ``most`` fields that do not overlap, the highest index first; of equal ones that with
    more nuclei, then the upper left. ``kinds`` as of ``ki67.counted``. None where even the widest
    field holds fewer than 500 tumour nuclei.
    """
    rows = np.flatnonzero(kinds >= 2)
    if len(rows) < FEWEST:
        return ()
    pixels = GRID / mpp
    left, top = float(nuclei.x[rows].min()), float(nuclei.y[rows].min())
    column = ((nuclei.x[rows] - left) / pixels).astype(np.intp)
    line = ((nuclei.y[rows] - top) / pixels).astype(np.intp)
    positive = _positive(nuclei.stain[rows], kinds[rows], threshold)
    shape = (int(line.max()) + 1, int(column.max()) + 1)
    everywhere = np.zeros(shape, np.float32)
    hot = np.zeros(shape, np.float32)
    np.add.at(everywhere, (line, column), 1)
    np.add.at(hot, (line, column), positive.astype(np.float32))
    for diameter in DIAMETERS:
        found = _tried(nuclei, kinds, mpp, threshold, most, everywhere, hot, (left, top), diameter)
        if found:
            return found
    return ()


def _positive(
    stain: NDArray[np.float32], kinds: NDArray[np.uint8], threshold: float
) -> NDArray[np.bool_]:
    return ((stain >= np.float32(threshold)) & (kinds != 3)) | (kinds == 4)


def _tried(
    nuclei: Nuclei,
    kinds: NDArray[np.uint8],
    mpp: float,
    threshold: float,
    most: int,
    everywhere: NDArray[np.float32],
    hot: NDArray[np.float32],
    origin: tuple[float, float],
    diameter: float,
) -> tuple[Hotspot, ...]:
    """The best positions of one size: first by counts of the grid, then counted exactly."""
    disc = _disc(diameter / GRID)
    total = cv2.filter2D(everywhere, -1, disc, borderType=cv2.BORDER_CONSTANT).round()
    with_dab = cv2.filter2D(hot, -1, disc, borderType=cv2.BORDER_CONSTANT).round()
    enough = total.ravel() >= FEWEST
    share = np.where(enough, with_dab.ravel() / np.maximum(total.ravel(), 1), -1.0)
    found: list[Hotspot] = []
    exact = 0
    for place in np.lexsort((-total.ravel(), -share)):
        if share[place] < 0 or len(found) == most or exact == _EXACT:
            break
        line, column = divmod(int(place), total.shape[1])
        x = origin[0] + (column + 0.5) * GRID / mpp
        y = origin[1] + (line + 0.5) * GRID / mpp
        if any(np.hypot(x - one.x, y - one.y) < diameter / mpp for one in found):
            continue
        exact += 1
        one = _counted(nuclei, kinds, mpp, threshold, (x, y, diameter))
        if one.index.total >= FEWEST:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (-(one.index.index or 0.0), -one.index.total)))


def _disc(across: float) -> NDArray[np.float32]:
    radius = across / 2
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return (np.hypot(x, y) <= radius).astype(np.float32)


def _counted(
    nuclei: Nuclei,
    kinds: NDArray[np.uint8],
    mpp: float,
    threshold: float,
    field: tuple[float, float, float],
) -> Hotspot:
    x, y, diameter = field
    radius = diameter / 2 / mpp
    near = np.hypot(nuclei.x - np.float32(x), nuclei.y - np.float32(y)) <= radius
    rows = np.flatnonzero(near)
    chosen = Nuclei(*(getattr(nuclei, name)[rows] for name in Nuclei.__dataclass_fields__))
    index = index_from(chosen, kinds[rows], threshold, mpp)
    low, high = wilson(index.positive, index.total)
    index = Index(index.classes, index.index, low, high, index.wilson, index.others)
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    region = Region("hotspot", Ring(ring.astype(np.float32)))
    return Hotspot(x, y, diameter, index, region)
