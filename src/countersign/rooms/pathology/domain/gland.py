"""Glands out of probabilities: their outlines, their shape, and how malignant they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, outlines

Floats = NDArray[np.float32]

SMALLEST_UM2 = 250.0
"""Area below which something is a cut tip or a mistake; a crypt across measures 2,000 and more."""

SURE = 0.5
"""Probability from which a pixel is a gland's."""


@dataclass(frozen=True, slots=True)
class Gland:
    """``region`` its outline, lumen included; ``area`` µm²; ``malignant`` probability in [0, 1];
    ``roundness`` 4π · area / perimeter², 1 for a circle; ``filled`` the share of the convex hull
    that it covers: low where a gland branches."""

    region: Region
    area: float
    malignant: float
    roundness: float
    filled: float


def gland_mask(probability: Floats, mpp: float) -> Mask:
    """The pixels of glands: holes filled, because a lumen belongs to its gland, however far its
    middle lies from any epithelium; specks left out."""
    sure = (probability >= SURE).astype(np.uint8)
    rings, _ = cv2.findContours(sure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    least = SMALLEST_UM2 / mpp**2
    kept = [ring for ring in rings if cv2.contourArea(ring) >= least]
    found = np.zeros_like(sure)
    cv2.drawContours(found, kept, -1, 1, cv2.FILLED)
    return found > 0


def glands(mask: Mask, malignant: Floats, grid: Grid) -> tuple[Gland, ...]:
    """Each gland of a mask, the largest first; ``malignant`` are probabilities by pixel."""
    number, labels = cv2.connectedComponents(mask.astype(np.uint8))
    told = np.asarray(labels)
    found: list[Gland] = []
    for one in range(1, number):
        rows, columns = np.nonzero(told == one)
        top, left = int(rows.min()), int(columns.min())
        own = told[top : int(rows.max()) + 1, left : int(columns.max()) + 1] == one
        corner = grid.x + left * grid.cell, grid.y + top * grid.cell
        moved = Grid(*corner, grid.cell, own.shape[0], own.shape[1], grid.mpp)
        regions = outlines(own, moved, "gland")
        if regions:
            level = float(malignant[rows, columns].mean())
            found.append(_gland(regions[0], own, level, grid))
    return tuple(sorted(found, key=lambda each: -each.area))


def _gland(region: Region, own: Mask, malignant: float, grid: Grid) -> Gland:
    rings, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    ring = max(rings, key=cv2.contourArea)
    pixels = float(own.sum())
    around = max(cv2.arcLength(ring, True), 1.0)
    hull = max(cv2.contourArea(cv2.convexHull(ring)), 1.0)
    return Gland(
        region,
        pixels * grid.micrometres**2,
        malignant,
        min(1.0, 4 * np.pi * pixels / around**2),
        min(1.0, pixels / hull),
    )


def malignancy(mask: Mask, probability: Floats, malignant: Floats) -> float | None:
    """How malignant the glands of a field look: the mean over their pixels, weighted by how sure
    it is that they are glands. None without a gland."""
    weight = np.where(mask, probability, 0)
    total = float(weight.sum())
    return float((weight * malignant).sum()) / total if total > 0 else None


def suspicious(found: Sequence[Gland]) -> float | None:
    """The share of the glands' area that looks malignant; None without a gland."""
    area = sum(one.area for one in found)
    return sum(one.area for one in found if one.malignant >= 0.5) / area if area else None
