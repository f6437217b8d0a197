"""How sharp tissue is, whatever the strength of its stain: what is out of focus is not measured.

The variance of the Laplacian of the optical density over the variance of the density itself.
Paler stain shrinks both alike, so that the figure says how much of the contrast is fine detail.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.tissue_light import Colour, Floats, densities

MPP = 1.0
"""Micrometres of a pixel at which sharpness is measured; the bound below holds for no other."""

PATCH = 96.0
"""Micrometres of the side of a patch that is looked at."""

SHARP = -0.5
"""Natural logarithm of the ratio below which a patch is out of focus.

Measured on some 250 patches of 64 pictures (MoNuSeg, CRCHistoPhenotypes, DeepLIIF; 0.25 and 0.5 µm,
then to 1 µm as JPEG of quality 80): of the sharp ones 4 in 100 lie below, of those blurred by a
Gaussian of sigma 1 µm 98, of 1.5 µm 99, of 2 µm and more all; of 0.5 µm 25.
"""

LEAST = 0.3
"""Share of a patch that must be tissue, else nothing can be said."""

_STAINED = 0.07


def sharpness(pixels: NDArray[np.uint8], white: Colour) -> float | None:
    """The logarithm of the ratio for RGB at MPP; None where there is too little tissue."""
    dense: Floats = densities(pixels, white).mean(axis=2)
    if float((dense > _STAINED).mean()) < LEAST:
        return None
    laplacian = cv2.Laplacian(dense, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
    fine: Floats = np.asarray(laplacian, np.float32)
    return float(np.log(fine.var() + 1e-9) - np.log(dense.var() + 1e-5))
