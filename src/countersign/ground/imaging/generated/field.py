"""What a drawn field is: a picture, and the truth that no real slide comes with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging.slide import Pixels

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


class Kind(IntEnum):
    """What kind of cell a drawn nucleus belongs to; the numbers are those of measured nuclei."""

    TUMOUR = 1
    IMMUNE = 2
    STROMAL = 3
    EPITHELIAL = 4


@dataclass(frozen=True, slots=True)
class Cells:
    """Drawn nuclei as columns of one length.

    ``x``, ``y`` float32 centre in pixels of the field; ``area`` float32, what is seen of it, in
    µm²; ``kind`` uint8, a Kind; ``positive`` bool, nuclear DAB was drawn; ``dab`` float32, how
    much (optical density, 0 where negative).
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    area: NDArray[np.float32]
    kind: NDArray[np.uint8]
    positive: NDArray[np.bool_]
    dab: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)

    def only(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Cells:
        """Those chosen, in their order."""
        return Cells(**{one.name: getattr(self, one.name)[which] for one in fields(self)})

    def index(self) -> float:
        """Positive tumour nuclei as a share of all tumour nuclei; 0 where there are none."""
        tumour = self.kind == Kind.TUMOUR
        return float(self.positive[tumour].mean()) if tumour.any() else 0.0


@dataclass(frozen=True, slots=True)
class Field:
    """A drawn picture. ``labels`` names each pixel's nucleus (0 none, n for cell n − 1);
    ``glands`` each pixel's gland, lumen included (0 none); masks have the picture's size."""

    pixels: Pixels
    mpp: float
    cells: Cells
    labels: Labels
    tissue: Mask
    tumour: Mask
    glands: Labels
    malignant: frozenset[int] = frozenset()
    """The glands that are a tumour's."""
    white: tuple[float, float, float] = (243.0, 242.0, 240.0)
    """What the scanner sees where there is nothing, RGB."""
