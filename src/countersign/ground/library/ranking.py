"""The order of the passages that words found: a small trained sum, and meaning where there is one.

How the weights came about: ``tools/train_ranking.py`` and docs/models/library-ranking.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from .features import NAMES

Array = npt.NDArray[np.float64]
SHORT, LONG = 40.0, 160.0
"""Mean words of the candidates at or below which they are titles, and from which on passages."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight for each of ``NAMES``, for candidates that are short and for long ones."""

    short: tuple[float, ...]
    long: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.short) != len(NAMES) or len(self.long) != len(NAMES):
            raise ValueError(f"a ranking has {len(NAMES)} weights for either length")


PLAIN = Weights((1.0,) + (0.0,) * (len(NAMES) - 1), (1.0,) + (0.0,) * (len(NAMES) - 1))
"""BM25 alone: better than the trained weights where a whole case is asked about."""


@lru_cache(maxsize=1)
def trained() -> Weights:
    """The weights that the product ships."""
    told = json.loads(
        files("countersign.ground.library").joinpath("ranking.json").read_text(encoding="utf-8")
    )
    return Weights(tuple(told["short"]), tuple(told["long"]))


def matrix(measured: Sequence[Sequence[float]]) -> Array:
    """Rows of ``NAMES`` from rows of ``features.measure``, whose first value is BM25."""
    rows = np.array(measured, dtype=np.float64)
    best = rows[:, 0].max(initial=0.0)
    rows[:, 0] /= best if best > 0 else 1.0
    return rows


def gate(rows: Array) -> float:
    """0 where the candidates are short, 1 where they are long, by the mean of their lengths."""
    mean = float(np.expm1(rows[:, NAMES.index("length")]).mean()) + 1
    share = (math.log(mean) - math.log(SHORT)) / (math.log(LONG) - math.log(SHORT))
    return min(max(share, 0.0), 1.0)


def scores(rows: Array, chinese: Sequence[bool], weights: Weights) -> Array:
    """One score for each row of ``matrix``, higher is nearer.

    The weights were trained on Chinese; other passages go by BM25 as a share of the best.
    """
    share = gate(rows)
    mixed = (1 - share) * np.array(weights.short) + share * np.array(weights.long)
    return np.where(chinese, rows @ mixed, rows[:, NAMES.index("best")])


def cosines(asked: npt.NDArray[np.float32], vectors: Sequence[bytes]) -> Array:
    """Cosine of the question with each packed vector; the middle of the others where one lacks."""
    found = np.full(len(vectors), np.nan)
    for row, packed in enumerate(vectors):
        if len(packed) == len(asked):
            found[row] = float(np.frombuffer(packed, np.int8) @ asked) / 127
    middle = float(np.nanmedian(found)) if np.isfinite(found).any() else 0.0
    return np.where(np.isfinite(found), found, middle)


def packed(vector: npt.NDArray[np.float32]) -> bytes:
    """A vector of length 1 in one byte for each dimension."""
    return np.clip(np.rint(vector * 127), -127, 127).astype(np.int8).tobytes()
