"""The scale at which Ki-67 is measured: one micrometre a pixel, whatever the slide's own pixels."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

import cv2
import numpy as np

from .kernel_planes import BLOCK
from .ki67_plan import GRID
from .stain import Colours

WORKING = 1.0
"""µm a pixel of the working grid, or as near as whole pixels for ``GRID`` of the slide's own
allow."""


class Scale(NamedTuple):
    """How a rectangle is brought to the working grid. ``down`` level-0 pixels, a power of two,
    make one that is read; ``across`` pixels of the working grid make ``ki67_plan.GRID`` level-0
    pixels. ``read`` are made into so many, and where both are the same nothing is resized."""

    down: int
    across: int

    @property
    def read(self) -> int:
        """Pixels as they are read for ``GRID`` level-0 pixels."""
        return GRID // self.down

    @property
    def as_read(self) -> bool:
        """Whether the working grid is what is read, and nothing is resized."""
        return self.across == self.read

    @property
    def step(self) -> float:
        """Level-0 pixels for one of the working grid."""
        return GRID / self.across

    @property
    def corner(self) -> int:
        """Level-0 pixels of which a rectangle's corner must be a multiple, so that the working
        grid and the kernel's blocks lie at the same places of the slide whatever the rectangle."""
        return GRID * BLOCK // gcd(self.across, BLOCK)

    def asked(self, side: int) -> int:
        """Level-0 pixels to be read of a side of so many: rounded up to whole pixels of the
        working grid where these are not those that are read. Outside the slide it is white."""
        return side if self.as_read else -(-side // GRID) * GRID

    def resized(self, rgb: Colours) -> Colours:
        """A picture as it was read, (height, width, 3), on the working grid. Sides of whole
        ``read`` pixels. By area where it shrinks: weights are whole parts of ``read``, a power of
        two, and exact in single precision, so that a pixel does not depend on where a rectangle
        begins. Cubic where the slide's own pixels are coarser."""
        if self.as_read:
            return rgb
        size = rgb.shape[1] * self.across // self.read, rgb.shape[0] * self.across // self.read
        way = cv2.INTER_AREA if self.across < self.read else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8)


def scale_of(mpp: float) -> Scale:
    """The scale for a slide whose own pixels are ``mpp`` micrometres wide: whole pixels for
    ``GRID`` level-0 pixels that come nearest to ``WORKING``, read by the largest power of two that
    is not coarser."""
    across = max(1, round(GRID * mpp / WORKING))
    down = 1
    while GRID // (2 * down) >= across:
        down *= 2
    return Scale(down, across)
