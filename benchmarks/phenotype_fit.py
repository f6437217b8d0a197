"""Learns to order rare diseases from published cases: one weight for each feature, by lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.ground.reasoning.phenotypes.features import NAMES, Looked
from countersign.ground.reasoning.phenotypes.fusion import Fusion

PENALTY = 1e-2
EVENLY = 0.5
"""A group of n cases weighs n ** (1 - this): 463 cases of one disease must not be the judge."""
ROUNDS, OTHERS = (30, 55), 15
"""Candidates of each case that are learnt from: the best, first by plain ratio and then by what
the first round learnt, so that it sees what it would itself put first; and some by chance."""


@dataclass(frozen=True)
class Example:
    """One case as it was looked at; ``right`` is the row of its disease, or -1."""

    looked: Looked
    right: int
    group: int


def example(looked: Looked, disease: int, group: int) -> Example:
    """Finds the row of a disease, given by its position."""
    at = np.flatnonzero(looked.diseases == disease)
    return Example(looked, int(at[0]) if len(at) else -1, group)


def fit(examples: Sequence[Example], seed: int = 0) -> NDArray[np.float64]:
    """Listwise softmax regression by Newton's method; the same examples give the same weights.

    A disease of which nothing is left annotated teaches nothing about annotations.
    """
    annotated = NAMES.index("annotated_log")
    taught = [
        one for one in examples if one.right >= 0 and one.looked.values[one.right, annotated] > 0
    ]
    sizes = np.bincount([one.group for one in examples])
    weights = np.zeros(len(NAMES))
    weights[NAMES.index("plain")] = 1.0
    for hard in ROUNDS:
        weights = _round(taught, sizes, weights, hard, np.random.default_rng(seed))
    return weights


def _round(
    examples: Sequence[Example],
    sizes: NDArray[np.int64],
    weights: NDArray[np.float64],
    hard: int,
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    rows, right, count, worth = [], [], [], []
    for one in examples:
        kept = _kept(one, weights, hard, chance)
        rows.append(one.looked.values[kept])
        right.append(int(np.flatnonzero(kept == one.right)[0]))
        count.append(len(kept))
        worth.append(float(sizes[one.group]) ** -EVENLY)
    stacked = np.concatenate(rows)
    spread = stacked.std(axis=0) + 1e-6
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    share = np.array(worth) / np.sum(worth)
    found = _newton((stacked / spread).astype(np.float64), starts, starts + right, share)
    return found / spread


def _kept(
    one: Example, weights: NDArray[np.float64], hard: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    scores = one.looked.values @ weights
    best = np.argsort(-scores, kind="stable")[:hard]
    return np.unique(np.concatenate([[one.right], best, chance.permutation(len(scores))[:OTHERS]]))


def _newton(
    rows: NDArray[np.float64],
    starts: NDArray[np.int64],
    right: NDArray[np.int64],
    share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Minimises the cross-entropy with a ridge; each step is halved until it gains."""
    of = np.repeat(np.arange(len(starts)), np.diff([*starts, len(rows)]))
    weights = np.zeros(rows.shape[1])

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = rows @ at
        top = np.maximum.reduceat(score, starts)
        high = np.exp(score - top[of])
        total = np.add.reduceat(high, starts)
        value = share @ (np.log(total) + top - score[right]) + 0.5 * PENALTY * at @ at
        return float(value), high / total[of]

    value, likely = loss(weights)
    for _ in range(30):
        weighed = rows * (likely * share[of])[:, None]
        means = np.add.reduceat(rows * likely[:, None], starts)
        slope = weighed.sum(axis=0) - share @ rows[right] + PENALTY * weights
        bend = weighed.T @ rows - (means * share[:, None]).T @ means
        step = np.linalg.solve(bend + PENALTY * np.eye(len(weights)), slope)
        size = 1.0
        while size > 1e-3:
            tried, spread_out = loss(weights - size * step)
            if tried < value:
                break
            size /= 2
        else:
            break
        gained, value, likely = value - tried, tried, spread_out
        weights = weights - size * step
        if gained < 1e-7:
            break
    return weights


def warmed(weights: NDArray[np.float64], examples: Sequence[Example], version: str) -> Fusion:
    """Sets how sure the probabilities are: the exponent that makes the right ones likeliest."""
    found = [one for one in examples if one.right >= 0]
    inside = len(found) / max(1, len(examples))
    scored = [(one.looked.values @ weights, one.right) for one in found]
    best, warmth = np.inf, 1.0
    for tried in np.geomspace(0.2, 2.0, 40):
        total = 0.0
        for scores, right in scored:
            score = tried * scores
            top = score.max()
            total += float(np.log(np.exp(score - top).sum()) + top - score[right])
        if total < best:
            best, warmth = total, float(tried)
    return Fusion(version, weights, warmth, inside)
