"""The invasive front: the band on both sides of the border between tumour and other tissue."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, outlines

WIDTH = 500.0
"""Micrometres on each side of the border. Studies differ; this is a choice of this program, and
a pathologist may set another. It is said beside every figure of the front."""


@dataclass(frozen=True, slots=True)
class Front:
    """Cells of the tumour near other tissue (``inner``), cells of other tissue near the tumour
    (``outer``), and the rest of the tumour (``centre``). None of them overlap."""

    inner: Mask
    outer: Mask
    centre: Mask
    width: float

    def without(self, left_out: Mask) -> Front:
        """The same band without some cells: they count nowhere and move no border."""
        kept = ~left_out
        return Front(self.inner & kept, self.outer & kept, self.centre & kept, self.width)


def invasive_front(tumour: Mask, tissue: Mask, grid: Grid, width: float = WIDTH) -> Front:
    """The band along the border with living tissue. An edge towards bare glass (the edge of the
    section, a tear, a lumen without tissue) is no front: nothing can invade there."""
    inside, outside = tumour & tissue, tissue & ~tumour
    inner = inside & (_distance(outside, grid) <= width)
    outer = outside & (_distance(inside, grid) <= width)
    return Front(inner, outer, inside & ~inner, width)


def front_regions(front: Front, grid: Grid) -> tuple[Region, ...]:
    """The band as regions of kind ``front``, named ``inner`` and ``outer``."""
    return tuple(
        Region(one.kind, one.outline, one.holes, name)
        for name, mask in (("inner", front.inner), ("outer", front.outer))
        for one in outlines(mask, grid, "front", 0.01)
    )


def _distance(seed: Mask, grid: Grid) -> NDArray[np.float32]:
    """Micrometres from each cell's middle to the nearest side of a cell of ``seed``."""
    if not seed.any():
        return np.full(seed.shape, np.inf, np.float32)
    apart = cv2.distanceTransform((~seed).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return ((np.asarray(apart, np.float32) - np.float32(0.5)) * np.float32(grid.micrometres)).clip(
        min=0
    )
