"""A ladder of rungs: which of them answers an item, at what cost, and what is passed upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .hashing import Floats, Ints
from .verdict import Right

NEVER = 2.0
"""A threshold above every confidence: the rung answers nothing and is left out."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one rung says of the same n items.

    ``labels`` int (n,); ``confidence`` (n,) in 0–1; ``cost`` of one item, in the unit that all
    rungs of a ladder share (seconds of a core, or a price). An answer may be missing: -1.
    """

    name: str
    labels: Ints
    confidence: Floats
    cost: float


@dataclass(frozen=True, slots=True)
class Routed:
    """Who answered what: ``by`` int (n,), the rung's number; ``labels`` (n,), ``cost`` (n,)."""

    by: Ints
    labels: Ints
    cost: Floats

    @property
    def mean_cost(self) -> float:
        """Of one item, all rungs that it passed included."""
        return float(self.cost.mean()) if len(self.cost) else 0.0

    def share(self, rung: int) -> float:
        """The part of the items that this rung answered, in 0–1."""
        return float((self.by == rung).mean()) if len(self.by) else 0.0


def route(rungs: Sequence[Answers], thresholds: Sequence[float]) -> Routed:
    """Each item goes up until a rung is as sure as its threshold; the last answers whatever comes.

    ``thresholds`` has one number for each rung but the last. A rung at NEVER is not asked and
    costs nothing. Raises ValueError when the numbers do not fit.
    """
    if len(thresholds) != len(rungs) - 1:
        raise ValueError("one threshold for each rung but the last")
    n = len(rungs[-1].labels)
    by = np.full(n, len(rungs) - 1)
    labels, cost = rungs[-1].labels.copy(), np.zeros(n, np.float32)
    open_ = np.ones(n, np.bool_)
    for number, (rung, least) in enumerate(zip(rungs[:-1], thresholds, strict=True)):
        if least >= NEVER:
            continue
        cost[open_] += rung.cost
        sure = open_ & (rung.confidence >= least) & (rung.labels >= 0)
        by[sure], labels[sure] = number, rung.labels[sure]
        open_ &= ~sure
    cost[open_] += rungs[-1].cost
    return Routed(by, labels, cost)


def right(labels: Ints, truth: Ints) -> Right:
    """Which answers were right (n,)."""
    return np.asarray(labels == truth)
