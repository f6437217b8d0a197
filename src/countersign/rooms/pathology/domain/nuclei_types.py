"""From a network's probabilities to a kind of cell and the probability of a tumour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import NucleusType

Plane = NDArray[np.float32]

UNSURE = 0.35
"""Probability below which a nucleus stays untyped."""


def kinds_of(probabilities: Plane) -> tuple[NDArray[np.uint8], Plane]:
    """Types (n,) and the probability of a tumour (n,) from probabilities (n, 5) of the
    NucleusTypes 1 to 5; untyped where none reaches UNSURE."""
    if not len(probabilities):
        return np.zeros(0, np.uint8), np.zeros(0, np.float32)
    kind = (probabilities.argmax(1) + 1).astype(np.uint8)
    kind[probabilities.max(1) < UNSURE] = NucleusType.UNTYPED
    return kind, probabilities[:, NucleusType.TUMOUR - 1].astype(np.float32)
