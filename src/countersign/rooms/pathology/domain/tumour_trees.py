"""A small model of boosted trees as arrays: what it says is a sum over trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled

DEPTH = 3
"""Questions that each tree asks: it has 7 inner nodes and 8 leaves."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Shapes (t, 7) int8, (t, 7) float32, (t, 8) float32: which feature each inner node looks at,
    up to where one goes left (children of node n: 2n + 1 and 2n + 2), and what the leaves add to
    ``bias``, in log odds."""

    features: NDArray[np.int8]
    limits: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float

    def chances(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability of each row."""
        odds = summed(rows, self.features, self.limits, self.leaves, np.float32(self.bias))
        return (1 / (1 + np.exp(-odds))).astype(np.float32)


@compiled
def summed(
    rows: NDArray[np.float32],
    features: NDArray[np.int8],
    limits: NDArray[np.float32],
    leaves: NDArray[np.float32],
    bias: np.float32,
) -> NDArray[np.float32]:
    """Log odds of each row, always added in the same order."""
    out = np.empty(len(rows), np.float32)
    for number in range(len(rows)):
        row, total = rows[number], bias
        for tree in range(len(features)):
            node = 0
            for _ in range(3):
                node = 2 * node + 1 + (row[features[tree, node]] > limits[tree, node])
            total += leaves[tree, node - 7]
        out[number] = total
    return out
