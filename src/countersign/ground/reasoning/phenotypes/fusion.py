"""Puts candidates in order and says how sure that is: weights learnt from published cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import NAMES, Looked
from .knowledge import Floats


@dataclass(frozen=True, slots=True)
class Fusion:
    """``weights`` of the features, in the order of ``NAMES``.

    The probability of a candidate is softmax(``warmth`` × score) × the chance that the right
    disease is among those looked at, which is ``inside``.
    """

    version: str
    weights: NDArray[np.float64]
    warmth: float
    inside: float

    def scores(self, looked: Looked) -> NDArray[np.float64]:
        """One score for each candidate, in nats and with no zero of its own."""
        return looked.values @ self.weights

    def probabilities(self, scores: NDArray[np.float64] | Floats) -> NDArray[np.float64]:
        """How likely each is the right one; together less than 1, for it may be none of them."""
        if not len(scores):
            return np.zeros(0)
        warm = np.exp(self.warmth * (scores - np.max(scores)))
        return self.inside * warm / warm.sum()


def fusion_of(told: Mapping[str, Any]) -> Fusion:
    """From what ``fusion.json`` holds; ValueError where it was made for other features."""
    if tuple(told["names"]) != NAMES:
        raise ValueError("fusion.json was made for other features; train it again")
    return Fusion(
        version=told["version"],
        weights=np.array(told["weights"], np.float64),
        warmth=float(told["warmth"]),
        inside=float(told["inside"]),
    )


def shipped() -> Fusion:
    """The weights that come with this version."""
    here = files("countersign.ground.reasoning.phenotypes")
    text = here.joinpath("fusion.json").read_text(encoding="utf-8")
    return fusion_of(json.loads(text))
