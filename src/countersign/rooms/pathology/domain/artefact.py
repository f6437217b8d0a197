"""Pen and folds on the overview of a slide: found by the hue and the strength of their colour.

Colours are looked at as optical densities over the slide's white, so that neither lamp nor
thickness of the ink decides. Every stain of histology keeps a certain order of its three
densities (haematoxylin, eosin and DAB all absorb green more than, or about as much as, red); ink
does not. Folds are tissue twice: the same hue, about twice the density, in narrow bands; looked
for on the overview, as Bautista and Yagi do by saturation and luminance (Journal of Pathology
Informatics 2010; 1: 25), who also say that dense nuclei mislead such a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, closed, opened, outlines

Floats = NDArray[np.float32]

FAINT = 0.33
GREY = 0.82
"""Least density, and its share of the mean, of black ink that lets two thirds of the light pass
less than tissue does. Over 56 µm no drawn Ki-67 slide passed a density of 0.18, and none of five
scanned fields 0.10."""


class Ink(StrEnum):
    """The colours of pens that laboratories use."""

    BLUE = "blue"
    GREEN = "green"
    BLACK = "black"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Overview:
    """A slide at about 8 µm a pixel: ``density`` float32 (h, w, 3), optical densities over its
    white; ``tissue`` (h, w); ``grid`` says where its pixels lie."""

    density: Floats
    tissue: Mask
    grid: Grid


def tissue_mask(density: Floats, grid: Grid, smallest_mm2: float = 0.02) -> Mask:
    """Where the slide is stained: mean density above a bound between glass and tissue.

    The bound is Otsu's between the two, kept within [0.05, 0.12]: a slide without glass, or
    with nothing but glass, must not be cut in two. Gaps below 50 µm are closed, and areas below
    ``smallest_mm2`` left out.
    """
    plain: Floats = density.mean(axis=2)
    mean: Floats = np.asarray(cv2.GaussianBlur(plain, (0, 0), 1.0), np.float32)
    scaled = np.clip(mean * 400, 0, 255).astype(np.uint8)
    otsu, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bound = min(max(otsu / 400, 0.05), 0.12)
    found = closed(mean > bound, 25 / grid.micrometres)
    return larger(found, smallest_mm2 / grid.cell_mm2)


def inks(overview: Overview, smallest_mm2: float = 0.05, *, faint: bool = False) -> dict[Ink, Mask]:
    """Where which pen wrote, on tissue or beside it. Only colours that were found.

    Faint ink over tissue mixes with its colour and may be missed; with ``faint`` black is looked
    for that tissue shows through, as brown and blue tissue never is over 50 µm (decision 0098).
    Red ink is told from blood and strong eosin only by its size and evenness, so it is the least
    certain.
    """
    dense = overview.density
    red, green, blue = (dense[..., at] for at in range(3))
    total = np.maximum(dense.mean(axis=2), 1e-3)
    strong = total > 0.25
    level = np.minimum(np.minimum(red, green), blue)
    candidates = {
        Ink.GREEN: strong & (green < 0.75 * red) & (green < 0.85 * blue),
        Ink.BLUE: strong & (red > 1.25 * green) & (green > 1.2 * blue),
        Ink.BLACK: (level > 0.75) & (level > 0.72 * total),
        Ink.RED: strong & (green > 0.55) & (blue > 0.62 * green) & (red < 0.22 * green),
    }
    if faint:
        candidates[Ink.BLACK] |= greyish(level, total)
    found: dict[Ink, Mask] = {}
    for ink, mask in candidates.items():
        wide = opened(mask, 25 / overview.grid.micrometres)
        kept = larger(wide, smallest_mm2 / overview.grid.cell_mm2)
        if kept.any():
            found[ink] = closed(kept, 50 / overview.grid.micrometres)
    return found


def greyish(level: Floats, total: Floats) -> Mask:
    """Where black ink may lie through which tissue shows: ``level`` is the least of the three
    densities and ``total`` their mean. Haematoxylin and DAB are this grey in single pixels only."""
    return np.asarray((level > FAINT) & (level > GREY * total), np.bool_)


def folds(overview: Overview, ink: Mask, smallest_mm2: float = 0.015) -> Mask:
    """Bands of tissue about twice as dense as what lies around, at most 300 µm wide.

    Dense tissue such as a lymph follicle is round or broad, a fold is long: its length must be
    three times its width. Folds of pale tissue beside dense and creases thinner than 20 µm are
    missed.
    """
    micrometres = overview.grid.micrometres
    usable = overview.tissue & ~ink
    if not usable.any():
        return np.zeros_like(usable)
    # Over 12 µm, so that neither one nucleus nor the gap between two decides.
    sharp = overview.density.mean(axis=2)
    mean = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 12 / micrometres), np.float32)
    middle = float(np.median(mean[usable]))
    around = _around(mean, usable, 400 / micrometres, middle)
    # The walls of crypts are dark and narrow too: a fold must stand out from the densest part.
    dense = float(np.percentile(mean[usable], 85))
    dark = usable & (mean > np.maximum(1.5 * around, 1.25 * dense))
    banded = closed(opened(dark, 8 / micrometres), 16 / micrometres) & usable
    broad = opened(banded, 150 / micrometres)
    return _long(banded & ~broad, smallest_mm2 / overview.grid.cell_mm2)


def _around(mean: Floats, usable: Mask, sigma: float, middle: float) -> Floats:
    """The density of the tissue around, in a wide Gaussian, without counting very dark pixels."""
    weight = (usable & (mean < 1.6 * middle)).astype(np.float32)
    small = max(1, round(sigma / 4))
    size = (max(1, mean.shape[1] // small), max(1, mean.shape[0] // small))
    parts = [
        cv2.GaussianBlur(cv2.resize(one, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / small)
        for one in (mean * weight, weight)
    ]
    ratio = np.where(parts[1] > 1e-3, parts[0] / np.maximum(parts[1], 1e-3), middle)
    wide = cv2.resize(ratio.astype(np.float32), (mean.shape[1], mean.shape[0]))
    return np.asarray(wide, np.float32)


def _long(mask: Mask, least: float) -> Mask:
    """Connected areas whose length is three times their width, both from area and perimeter.

    A band of length l and width w has area l·w and half a perimeter of l + w.
    """
    number, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    told, areas = np.asarray(labels, np.int32), np.asarray(stats)[:, cv2.CC_STAT_AREA]
    keep = np.zeros(number, np.bool_)
    for one in range(1, number):
        if areas[one] < least:
            continue
        x, y, w, h = (int(value) for value in np.asarray(stats)[one, :4])
        shape = (told[y : y + h, x : x + w] == one).astype(np.uint8)
        drawn: Any = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)  # pyright: ignore[reportUnknownVariableType]
        rings = list(cast("tuple[list[NDArray[np.int32]], Any]", drawn)[0])
        (_, (wide, high), _) = cv2.minAreaRect(rings[0])
        half = sum(cv2.arcLength(ring, True) for ring in rings) / 2
        area = float(areas[one])
        root = max(half * half - 4 * area, 0.0) ** 0.5
        length, width = (half + root) / 2, max((half - root) / 2, 1.0)
        keep[one] = length >= 3 * width and max(wide, high) >= 0.6 * length / 2
    return keep[told]


def larger(mask: Mask, cells: float) -> Mask:
    """Connected areas of at least so many cells."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    keep = np.asarray(stats)[:, cv2.CC_STAT_AREA] >= cells
    keep[0] = False
    return keep[np.asarray(labels, np.int32)]


@dataclass(frozen=True, slots=True)
class Artefacts:
    """What is wrong where, as masks of the overview; shares are those of the tissue."""

    pen: Mask
    fold: Mask
    blur: Mask
    pen_share: float
    fold_share: float
    blur_share: float
    share: float
    regions: tuple[Region, ...]


def artefacts(overview: Overview, found: dict[Ink, Mask], folded: Mask, blurred: Mask) -> Artefacts:
    """The three put together; the regions of ink carry its colour as their name.

    Ink counts as tissue where it lies on tissue or encloses it: what is below cannot be seen.
    """
    ink = np.zeros_like(overview.tissue)
    for mask in found.values():
        ink |= mask
    of = max(1, int(overview.tissue.sum()))
    bad = (ink | folded | blurred) & overview.tissue
    regions = [
        Region(one.kind, one.outline, one.holes, ink_name.value)
        for ink_name, mask in found.items()
        for one in outlines(mask, overview.grid, "pen", 0.005)
    ]
    regions += outlines(folded, overview.grid, "fold", 0.002)
    regions += outlines(blurred & overview.tissue, overview.grid, "blur", 0.01)
    return Artefacts(
        ink,
        folded,
        blurred,
        float((ink & overview.tissue).sum()) / of,
        float((folded & overview.tissue).sum()) / of,
        float((blurred & overview.tissue).sum()) / of,
        float(bad.sum()) / of,
        tuple(regions),
    )
