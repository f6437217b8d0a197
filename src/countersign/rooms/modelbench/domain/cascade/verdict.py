"""Whether a cascade may take its teacher's place: a paired bootstrap on items kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.01
"""The loss of accuracy that is bearable: one point."""

DRAWS = 2000
FEWEST = 200
"""Items below which nothing is decided: an interval of so few says little."""

Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Difference:
    """Share right of ours less the other's, with its 95 % interval; all in 0–1."""

    mean: float
    low: float
    high: float
    n: int

    def not_inferior(self, margin: float = MARGIN) -> bool:
        """Whether the lower bound lies above the margin, and enough was looked at."""
        return self.n >= FEWEST and self.low > -margin


def difference(
    ours: Right, other: Right, chance: np.random.Generator, draws: int = DRAWS
) -> Difference:
    """Paired bootstrap by percentiles (Efron and Tibshirani 1993, chapter 13); n draws of items.

    ``ours`` and ``other`` (n,) say of each item whether the answer was right. Only items on
    which they differ change the sum, so their counts are drawn from a multinomial.
    """
    n = len(ours)
    if n == 0:
        return Difference(0.0, -1.0, 1.0, 0)
    better = int((ours & ~other).sum())
    worse = int((~ours & other).sum())
    drawn = chance.multinomial(n, [better / n, worse / n, (n - better - worse) / n], size=draws)
    low, high = np.percentile((drawn[:, 0] - drawn[:, 1]) / n, [2.5, 97.5])
    return Difference((better - worse) / n, float(low), float(high), n)
