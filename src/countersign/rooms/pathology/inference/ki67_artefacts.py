"""Pen, folds and places out of focus on a Ki-67 slide, from what its plan has looked at anyway.

Nothing more is read: ink and folds are looked for on the plan's own overview, made coarser where
it is large, so that a slide's time hardly grows; the focus is that of the places whose stains were
looked at, and of no other. Ink is told as on H&E, by an order of densities that no stain has. A
fold must be denser than the densest part of the tissue, and on Ki-67 that is brown tumour: folds of
pale stroma beside it are missed. Nuclei below ink and in folds are counted as the others are; the
region of the pathologist stands above it all.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.artefact import Ink, Overview, folds, greyish, inks
from countersign.rooms.pathology.domain.measured import Region, Ring
from countersign.rooms.pathology.domain.stain import Colours, Vector
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, disc, outlines
from countersign.rooms.pathology.domain.tissue_light import densities

from .tissue import without_ink

MOST: Final = 1_200_000
"""Pixels that are looked at. An overview of 8 µm a pixel is halved until it has no more: folds
narrower than about two of its pixels are missed then."""

DENSE: Final = 0.25
"""Mean optical density from which a pixel can be ink: as ``inks`` says."""

LEAST: Final = 0.05
"""mm² of the smallest stroke; as ``inks`` says."""


class Seen(NamedTuple):
    """Outlines in level-0 pixels, and the shares of the tissue under ink and in folds."""

    regions: tuple[Region, ...]
    pen: float
    fold: float


def seen(
    overview: Colours, tissue: NDArray[np.uint8], white: Vector, mpp: float, um: float
) -> Seen:
    """What spoils the tissue; ``tissue`` 1 where there is some, pixels of ``um`` micrometres."""
    down = 1
    while overview.shape[0] * overview.shape[1] > MOST * down**2:
        down *= 2
    size = max(1, overview.shape[1] // down), max(1, overview.shape[0] // down)
    # Whole pixels alone: a rest of the overview narrower than one of them is not looked at.
    whole = slice(0, size[1] * down), slice(0, size[0] * down)
    small, mask = (
        np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.uint8)
        for one in (overview[whole], tissue[whole])
    )
    left, top, wide, high = cv2.boundingRect(mask)
    if not wide:
        return Seen((), 0.0, 0.0)
    within = slice(top, top + high), slice(left, left + wide)
    cell = um / mpp * down
    grid = Grid(left * cell, top * cell, cell, high, wide, mpp)
    dense = densities(np.ascontiguousarray(small[within]), white)
    looked = Overview(dense, mask[within] > 0, grid)
    pens = inks(looked, faint=True) if _like_ink(looked) else dict[Ink, Mask]()
    ink = np.zeros_like(looked.tissue)
    for one in pens.values():
        ink |= one
    if pens:
        looked = Overview(dense, without_ink(looked.tissue, ink, grid), grid)
    folded = folds(looked, _with_rim(ink, grid) if pens else ink)
    of = max(1, int(looked.tissue.sum()))
    regions = [
        Region(one.kind, one.outline, one.holes, name.value)
        for name, pen in pens.items()
        for one in _outlined(pen, grid, "pen", 0.005)
    ]
    regions += _outlined(folded, grid, "fold", 0.002)
    shares = (float((one & looked.tissue).sum()) / of for one in (ink, folded))
    return Seen(tuple(regions), *shares)


def _with_rim(ink: Mask, grid: Grid) -> Mask:
    """Ink and what lies within 50 µm of it: its soft edge is dark and long as a fold is."""
    return np.asarray(cv2.dilate(ink.astype(np.uint8), disc(max(1.0, 50 / grid.micrometres)))) > 0


def _outlined(mask: Mask, grid: Grid, kind: str, least: float) -> tuple[Region, ...]:
    """As ``outlines``, which looks finer and therefore only where there is something."""
    left, top, wide, high = cv2.boundingRect(mask.astype(np.uint8))
    if not wide:
        return ()
    corner = grid.x + left * grid.cell, grid.y + top * grid.cell
    part = Grid(*corner, grid.cell, high, wide, grid.mpp)
    return outlines(mask[top : top + high, left : left + wide], part, kind, least)


def _like_ink(looked: Overview) -> bool:
    """Whether so many pixels have a colour of ink that a stroke could be among them. It spares
    most slides the search: brown and blue tissue keeps the order of its densities."""
    red, green, blue = looked.density[looked.density[..., 1] + looked.density[..., 0] > DENSE].T
    level = np.minimum(np.minimum(red, green), blue)
    total = (red + green + blue) / 3
    like = (
        ((green < 0.75 * red) & (green < 0.85 * blue))
        | ((red > 1.25 * green) & (green > 1.2 * blue))
        | ((level > 0.75) & (level > 0.72 * total))
        | greyish(level, total)
        | ((green > 0.55) & (blue > 0.62 * green) & (red < 0.22 * green))
    ) & (total > DENSE)
    return bool(np.count_nonzero(like) * looked.grid.cell_mm2 >= LEAST)


def blurred(places: list[tuple[int, int]], poor: list[bool], side: float) -> tuple[Region, ...]:
    """The places that are ``poor`` in focus as squares; ``side`` in level-0 pixels."""
    return tuple(
        Region("blur", Ring(np.asarray(corners, np.float32)))
        for (x, y), out in zip(places, poor, strict=True)
        if out
        for corners in ([(x, y), (x + side, y), (x + side, y + side), (x, y + side)],)
    )
