"""Draws outlines as masks, in the pixels of the picture that they will lie on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region, Ring

from .dicom_source import Source

SHIFT = 4
"""Binary digits below a pixel that outlines are drawn with."""


def mask(source: Source, regions: Iterable[Region]) -> NDArray[np.uint8]:
    """1 within the outlines and outside of their holes, else 0; shape (rows, columns)."""
    columns, rows = source.size
    made = np.zeros((rows, columns), np.uint8)
    for region in regions:
        if not region.holes:
            cv2.fillPoly(made, [_drawn(source, region.outline)], (1,), shift=SHIFT)
            continue
        own = np.zeros_like(made)
        cv2.fillPoly(own, [_drawn(source, region.outline)], (1,), shift=SHIFT)
        for hole in region.holes:
            cv2.fillPoly(own, [_drawn(source, hole)], (0,), shift=SHIFT)
        made |= own
    return made


def masks(source: Source, regions: Sequence[Region], kinds: Sequence[str]) -> NDArray[np.uint8]:
    """One mask for each kind, shape (rows, columns, kinds)."""
    return np.stack(
        [mask(source, [one for one in regions if one.kind == kind]) for kind in kinds], axis=-1
    )


def area(source: Source, region: Region) -> float:
    """Square millimetres within the outline, without its holes."""
    inner = sum(_shoelace(one) for one in region.holes)
    return (_shoelace(region.outline) - inner) * source.square_mm


def _shoelace(ring: Ring) -> float:
    x, y = np.asarray(ring.points, np.float64).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _drawn(source: Source, ring: Ring) -> NDArray[np.int32]:
    """OpenCV puts a pixel's centre at its whole number."""
    return np.round((source.pixels(ring.points) - 0.5) * 2**SHIFT).astype(np.int32)
