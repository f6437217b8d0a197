"""How sure a share is: of independent nuclei, and of nuclei whose neighbours are like them."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
"""97.5 % of the standard normal distribution."""

LEAST_FIELDS = 5
"""Fields below which their spread says nothing."""


def wilson(positive: float, total: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson EB, J Am Stat Assoc 1927;22:209-212); (0, 1) of none."""
    if total <= 0:
        return 0.0, 1.0
    share, square = positive / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    half /= 1 + square / total
    return max(0.0, middle - half), min(1.0, middle + half)


def clustered(fields: NDArray[np.int64], positive: int, total: int) -> tuple[float, float]:
    """Wilson's interval with as many nuclei as the fields' spread is worth.

    ``fields``, shape (n, 2): positive and all nuclei of each. The variance of the share is that of
    a ratio over fields; the design effect (Kish, Survey Sampling, 1965) divides the count. Never
    narrower than Wilson's own; his where there are fewer than five fields.
    """
    seen = fields[fields[:, 1] > 0].astype(np.float64)
    plain = wilson(positive, total)
    share = positive / total if total else 0.0
    if len(seen) < LEAST_FIELDS or not 0 < share < 1:
        return plain
    rest = seen[:, 0] - share * seen[:, 1]
    variance = float((rest * rest).sum()) * len(seen) / (len(seen) - 1) / total**2
    effect = max(1.0, variance / (share * (1 - share) / total))
    return wilson(positive / effect, total / effect)
