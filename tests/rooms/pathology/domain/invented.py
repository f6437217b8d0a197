"""Nuclei that are invented for tests: so many of a kind on a square micrometre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType


def nuclei(
    x: NDArray[np.float64], y: NDArray[np.float64], kind: NucleusType, tumour: float = 0.0
) -> Nuclei:
    """Of one kind at these places in level-0 pixels."""
    many = len(x)
    return Nuclei(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        area=np.full(many, 40, np.float32),
        stain=np.full(many, 0.2, np.float32),
        haematoxylin=np.full(many, 0.6, np.float32),
        tumour=np.full(many, tumour, np.float32),
        type=np.full(many, kind, np.uint8),
        score=np.ones(many, np.float32),
    )


def scattered(
    left: float,
    top: float,
    right: float,
    below: float,
    per_mm2: float,
    kind: NucleusType,
    mpp: float = 0.5,
    seed: int = 1,
) -> Nuclei:
    """By chance over a rectangle of level-0 pixels."""
    chance = np.random.default_rng(seed)
    many = int((right - left) * (below - top) * (mpp / 1000) ** 2 * per_mm2)
    return nuclei(chance.uniform(left, right, many), chance.uniform(top, below, many), kind)
