"""A small model of boosted trees as arrays: what it says is a sum over trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernel_compiled import compiled

_TOGETHER = 1024
"""Nuclei whose columns stay near the processor while all trees are asked."""

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
        columns = np.ascontiguousarray(rows.T, np.float32)
        odds = np.full(len(rows), self.bias, np.float32)
        add(columns, self.features, self.limits, self.leaves, odds)
        return (1 / (1 + np.exp(-odds))).astype(np.float32)


@compiled
def add(
    columns: NDArray[np.float32],
    features: NDArray[np.int8],
    limits: NDArray[np.float32],
    leaves: NDArray[np.float32],
    odds: NDArray[np.float32],
) -> None:
    """Adds to each nucleus's log odds what the trees say, always in the same order; ``columns``
    of shape (features, n). Every question of a tree is answered, so that many nuclei are asked
    at once."""
    for first in range(0, odds.size, _TOGETHER):
        last = min(first + _TOGETHER, odds.size)
        to = odds[first:last]
        for tree in range(len(features)):
            _add(columns[:, first:last], features[tree], limits[tree], leaves[tree], to)


@compiled
def _add(
    columns: NDArray[np.float32],
    asked: NDArray[np.int8],
    limit: NDArray[np.float32],
    leaf: NDArray[np.float32],
    to: NDArray[np.float32],
) -> None:
    a, b, c = columns[asked[0]], columns[asked[1]], columns[asked[2]]
    d, e, f, g = columns[asked[3]], columns[asked[4]], columns[asked[5]], columns[asked[6]]
    for row in range(to.size):
        left = leaf[1] if d[row] > limit[3] else leaf[0]
        within = leaf[3] if e[row] > limit[4] else leaf[2]
        beyond = leaf[5] if f[row] > limit[5] else leaf[4]
        right = leaf[7] if g[row] > limit[6] else leaf[6]
        low = within if b[row] > limit[1] else left
        high = right if c[row] > limit[2] else beyond
        to[row] += high if a[row] > limit[0] else low
