"""A diagnosis as a few hidden kinds of consultation, each with its own habits of answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .cases import Vocabulary

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Learnt:
    """Mixtures that were learnt from cases; ``kinds`` are all kinds of all diagnoses and seeds.

    ``weight`` (kinds) is their log share; ``told`` (kinds, findings × 4) and ``asked``
    (kinds, questions, 4) log-probabilities of each answer; ``belongs`` (kinds, diagnoses) is 1
    where a kind is one of that diagnosis. ``temper`` is the power of every likelihood.
    """

    words: Vocabulary
    weight: Array
    told: Array
    asked: Array
    belongs: Array
    temper: float

    @cached_property
    def chances(self) -> Array:
        """(kinds, questions × 4): how likely each answer is in each kind."""
        return np.exp(self.asked).reshape(len(self.asked), -1)


def softmax(logs: Array) -> Array:
    """Probabilities over the last axis."""
    shifted = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
