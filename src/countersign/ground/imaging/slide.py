"""What a whole slide is to everything above: a pyramid of pixels of a known size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""


class Associated(StrEnum):
    """Pictures beside the tissue. ``LABEL`` and ``MACRO`` may show a name: rights decide."""

    LABEL = "label"
    MACRO = "macro"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class Level:
    """One floor of the pyramid: its size in its own pixels, how many pixels of the lowest level
    stand for one of its own (``downsample``, 1.0 first), and the size of a stored tile."""

    width: int
    height: int
    downsample: float
    tile_width: int
    tile_height: int


class Slide(Protocol):
    """An opened slide. Safe to read from many threads; opened anew in each process.

    Positions are always pixels of level 0, x to the right, y down.
    """

    @property
    def format(self) -> str:
        """Who wrote it: ``aperio``, ``hamamatsu``, ``mirax``, ``leica``, ``ventana``, ``tiff``,
        ``dicom`` or ``image``."""
        ...

    @property
    def levels(self) -> tuple[Level, ...]:
        """The largest first. At least one."""
        ...

    @property
    def mpp(self) -> tuple[float, float] | None:
        """Micrometres of a level-0 pixel in x and y; None where the file does not say."""
        ...

    @property
    def properties(self) -> dict[str, str]:
        """What the file says of itself: scanner, magnification, time. Never a patient's name."""
        ...

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        """The rectangle of ``width`` × ``height`` level-0 pixels whose corner is (``x``, ``y``).

        Returns ``round(height / downsample)`` × ``round(width / downsample)`` × 3, made from the
        cheapest level, or by scaled decoding, that is at least so fine. Outside the slide and
        where no tile is stored it is white. Raises SlideDamaged.
        """
        ...

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        """A stored tile as a JPEG that a browser can show, without decoding it; None where the
        file holds no such tile, or not as such a JPEG. Raises SlideDamaged."""
        ...

    def associated(self, which: Associated) -> Pixels | None:
        """A picture beside the tissue. Raises SlideDamaged."""
        ...

    def close(self) -> None:
        """Lets the file go."""
        ...
