"""What a network sees of H&E: optical densities with the slide's own strength taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MPP = 1.24
"""Micrometres of a pixel at which glands are outlined: a gland is 50 to 300 µm across."""

STEP = 32
"""Height and width of what the network is given are multiples of this."""

THIN = 0.12
"""Optical density (mean of three channels) below which a pixel is glass or mucin."""

_TABLE: Floats = -np.log10((np.arange(256, dtype=np.float32) + 1.0) / 256.0)


def density(pixels: NDArray[np.uint8]) -> Floats:
    """Optical densities (h, w, 3), base 10, of RGB under a white of 255."""
    return _TABLE[pixels]


def strength(dense: Floats) -> Floats:
    """Mean optical density of each channel over what is stained, shape (3,), at least 0.05."""
    stained = dense[dense.mean(axis=2) > THIN]
    if len(stained) == 0:
        return np.full(3, 0.3, np.float32)
    return np.maximum(stained.mean(axis=0), 0.05).astype(np.float32)


def prepared(pixels: NDArray[np.uint8], of: Floats | None = None) -> Floats:
    """RGB (h, w, 3) as the network's input (3, h, w): densities over their mean in the tissue.

    ``of`` is the strength of the whole slide; without it that of these pixels is taken.
    """
    dense = density(pixels)
    scaled = dense / (strength(dense) if of is None else of)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), dtype=np.float32)
