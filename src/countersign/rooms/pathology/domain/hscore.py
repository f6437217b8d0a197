"""Intensity classes of nuclei and the H-score made of them."""

from __future__ import annotations

from collections.abc import Sequence

GRADES = (0.12, 0.30, 0.50)
"""Mean optical densities of DAB from which a nucleus is 1+, 2+ and 3+. Set by looking at few
fields and at generated slides; a laboratory sets its own by its controls."""


def h_score(classes: Sequence[int]) -> float | None:
    """Per cent of 1+, twice that of 2+ and three times that of 3+, from the nuclei of 0, 1+, 2+
    and 3+: 0 to 300; None of none.

    The formula as in The ASCO Post, “Calculating H-Score”, 10 April 2015.
    """
    none, weak, moderate, strong = classes
    total = none + weak + moderate + strong
    return 100.0 * (weak + 2 * moderate + 3 * strong) / total if total else None
