"""What is said of each nucleus on H&E: place, size, stain, kind of cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Tile

Plane = NDArray[np.float32]
Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Columns of one length, one row a nucleus of a label picture, in the order of its numbers.

    ``number`` int32; ``x``, ``y`` float32 centre in its pixels; ``pixels`` float32 area; ``long``
    float32: the longer axis by the shorter (of the ellipse of the same moments, at least 1);
    ``haematoxylin`` and ``eosin`` float32 mean optical densities.
    """

    number: NDArray[np.int32]
    x: Plane
    y: Plane
    pixels: Plane
    long: Plane
    haematoxylin: Plane
    eosin: Plane


def shapes(labels: Labels, haematoxylin: Plane, eosin: Plane) -> Shapes:
    """Measures every nucleus of ``labels`` (h, w) on the two densities (h, w)."""
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns]
    count = int(which.max(initial=0)) + 1

    def total(weight: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(which, np.asarray(weight, np.float64), count).astype(np.float64)

    pixels = np.bincount(which, minlength=count)
    there = np.flatnonzero(pixels)
    size = pixels[there].astype(np.float64)
    x, y = total(columns)[there] / size, total(rows)[there] / size
    across = total(columns.astype(np.float64) ** 2)[there] / size - x * x + 1 / 12
    down = total(rows.astype(np.float64) ** 2)[there] / size - y * y + 1 / 12
    skew = total(columns.astype(np.float64) * rows)[there] / size - x * y
    spread = np.sqrt((across - down) ** 2 / 4 + skew**2)
    middle = (across + down) / 2
    long = np.sqrt((middle + spread) / np.maximum(middle - spread, 1e-3))
    return Shapes(
        there.astype(np.int32),
        x.astype(np.float32),
        y.astype(np.float32),
        size.astype(np.float32),
        long.astype(np.float32),
        (total(haematoxylin[rows, columns])[there] / size).astype(np.float32),
        (total(eosin[rows, columns])[there] / size).astype(np.float32),
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """Kinds of cells without training. Choices of this program, not validated on patients.

    A nucleus at least ``spindle`` times as long as wide is stromal. A round one of at most
    ``small`` µm² is inflammatory (a lymphocyte's nucleus is about as large as a red cell: 7 µm
    across, 38 µm²). The others are epithelial, and the more likely the tumour's, the larger:
    one half at ``large`` µm², with ``slope`` µm² for each step of the logistic function.
    """

    spindle: float = 2.2
    small: float = 45.0
    large: float = 60.0
    slope: float = 12.0


def typed_by_rule(
    area: Plane, long: Plane, rules: Rules | None = None
) -> tuple[NDArray[np.uint8], Plane]:
    """Types (n,) and the probability of a tumour (n,) from area in µm² and ``Shapes.long``."""
    by = rules or Rules()
    kind = np.full(len(area), NucleusType.EPITHELIAL, np.uint8)
    kind[area <= by.small] = NucleusType.INFLAMMATORY
    kind[long >= by.spindle] = NucleusType.STROMAL
    tumour = 1 / (1 + np.exp(-(area.astype(np.float64) - by.large) / by.slope))
    tumour = np.where(kind == NucleusType.EPITHELIAL, tumour, 0.0)
    kind[tumour >= 0.5] = NucleusType.TUMOUR
    return kind, tumour.astype(np.float32)


def columns_of(
    seen: Shapes,
    kinds: NDArray[np.uint8],
    tumour: Plane,
    score: Plane,
    tile: Tile,
    mpp: float,
    step: float,
) -> Nuclei:
    """The nuclei whose centres lie in ``tile``. The picture began ``tile.margin`` level-0 pixels
    left of and above it; a pixel of it is ``step`` level-0 pixels; ``mpp`` is that of the picture.
    """
    x = tile.x - tile.margin + (seen.x.astype(np.float64) + 0.5) * step
    y = tile.y - tile.margin + (seen.y.astype(np.float64) + 0.5) * step
    # float32 first: a centre belongs to one tile by the number that is kept of it.
    x, y = x.astype(np.float32), y.astype(np.float32)
    inside = (x >= tile.x) & (x < tile.x + tile.width) & (y >= tile.y) & (y < tile.y + tile.height)
    return Nuclei(
        x=x[inside],
        y=y[inside],
        area=(seen.pixels * np.float32(mpp * mpp))[inside],
        stain=seen.eosin[inside],
        haematoxylin=seen.haematoxylin[inside],
        tumour=tumour[inside].astype(np.float32),
        type=kinds[inside].astype(np.uint8),
        score=score[inside].astype(np.float32),
    )
