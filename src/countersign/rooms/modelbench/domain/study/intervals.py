"""How sure a figure is: bootstrap intervals, and paired comparison on the same questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .scores import macro_f1

ROUNDS = 2000
COVERED = 0.95
Resampled = Callable[[np.ndarray], np.ndarray]
"""Indices of shape (rounds, n) to one value for each round."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds that cover it in 95 of 100 resamplings; ``n`` items."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One minus the other on the same items. ``worse`` is the share of resamplings below zero."""

    value: float
    low: float
    high: float
    n: int
    worse: float

    def not_inferior(self, margin: float) -> bool:
        """Whether the lower bound stays above minus the margin (two-sided 95 %)."""
        return self.n > 1 and self.low > -margin


@dataclass(frozen=True, slots=True)
class Marks:
    """What one configuration reached on one set, item by item in a fixed order.

    ``scores`` has shape (n,). Where the set's measure is macro-F1, ``gold`` and ``said`` hold
    classes as whole numbers (-1 for unreadable), else both are None.
    """

    ids: tuple[str, ...]
    scores: np.ndarray
    gold: np.ndarray | None = None
    said: np.ndarray | None = None

    def statistic(self, order: np.ndarray) -> np.ndarray:
        """The set's measure for rows of indices (rounds, n), shape (rounds,)."""
        if self.gold is None or self.said is None:
            return self.scores[order].mean(axis=1)
        classes = int(max(self.gold.max(initial=0), self.said.max(initial=0))) + 1
        return np.array([macro_f1(self.gold[row], self.said[row], classes) for row in order])

    def restricted(self, ids: Sequence[str]) -> Marks:
        """The same for these items only, in their order."""
        places = {one: place for place, one in enumerate(self.ids)}
        rows = np.array([places[one] for one in ids], dtype=np.int64)
        return Marks(
            tuple(ids),
            self.scores[rows],
            None if self.gold is None else self.gold[rows],
            None if self.said is None else self.said[rows],
        )


def interval(marks: Marks, chance: np.random.Generator, rounds: int = ROUNDS) -> Interval:
    """The measure with its percentile bootstrap interval (Efron 1979)."""
    n = len(marks.scores)
    if n == 0:
        return Interval(0.0, 0.0, 0.0, 0)
    value = float(marks.statistic(np.arange(n)[None, :])[0])
    drawn = marks.statistic(chance.integers(0, n, (rounds, n)))
    low, high = _bounds(drawn)
    return Interval(value, low, high, n)


def weighted(
    by_set: Mapping[str, Marks],
    weights: Mapping[str, float],
    chance: np.random.Generator,
    rounds: int = ROUNDS,
) -> Interval:
    """The weighted mean over sets, each resampled by itself."""
    total = sum(weights.values())
    value, drawn, n = 0.0, np.zeros(rounds), 0
    for name, weight in weights.items():
        marks = by_set[name]
        count = len(marks.scores)
        if count == 0:
            return Interval(0.0, 0.0, 0.0, 0)
        value += weight / total * float(marks.statistic(np.arange(count)[None, :])[0])
        drawn += weight / total * marks.statistic(chance.integers(0, count, (rounds, count)))
        n += count
    low, high = _bounds(drawn)
    return Interval(value, low, high, n)


def difference(
    one: Mapping[str, Marks],
    other: Mapping[str, Marks],
    weights: Mapping[str, float],
    chance: np.random.Generator,
    rounds: int = ROUNDS,
) -> Difference:
    """Paired bootstrap of the weighted measure: only items that both answered, drawn together."""
    total = sum(weights.values())
    value, drawn, n = 0.0, np.zeros(rounds), 0
    for name, weight in weights.items():
        both = set(other[name].ids)
        shared = [item for item in one[name].ids if item in both]
        count = len(shared)
        if count == 0:
            return Difference(0.0, -1.0, 1.0, 0, 0.5)
        ours, theirs = one[name].restricted(shared), other[name].restricted(shared)
        whole, order = np.arange(count)[None, :], chance.integers(0, count, (rounds, count))
        share = weight / total
        value += share * float((ours.statistic(whole) - theirs.statistic(whole))[0])
        drawn += share * (ours.statistic(order) - theirs.statistic(order))
        n += count
    low, high = _bounds(drawn)
    return Difference(value, low, high, n, float(np.mean(drawn < 0)))


def _bounds(drawn: np.ndarray) -> tuple[float, float]:
    tail = (1 - COVERED) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return float(low), float(high)
