"""Intensity classes of nuclei and the H-score made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRADES = (0.12, 0.30, 0.50)
"""Mean optical densities of DAB from which a nucleus is 1+, 2+ and 3+. Set by looking at few
fields and at generated slides; a laboratory sets its own by its controls."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Nuclei of 0, 1+, 2+ and 3+."""

    none: int
    weak: int
    moderate: int
    strong: int

    @property
    def positive(self) -> int:
        return self.weak + self.moderate + self.strong

    @property
    def total(self) -> int:
        return self.none + self.positive

    @property
    def h_score(self) -> float | None:
        """Per cent of 1+, twice that of 2+ and three times that of 3+: 0 to 300; None of none.

        The formula as in The ASCO Post, “Calculating H-Score”, 10 April 2015.
        """
        if not self.total:
            return None
        return 100.0 * (self.weak + 2 * self.moderate + 3 * self.strong) / self.total


def grades_of(stain: NDArray[np.float32], grades: Sequence[float] = GRADES) -> NDArray[np.uint8]:
    """0 to 3 for each optical density."""
    return np.searchsorted(np.asarray(grades, np.float32), stain, side="right").astype(np.uint8)
