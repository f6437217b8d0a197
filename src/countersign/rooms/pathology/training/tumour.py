"""Trains the classifier of nuclei from labelled ones: boosted trees, without chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.tumour_trees import Trees

BINS = 64
LEAST = 20.0
"""Nuclei, weighted, that a leaf must hold."""

STILL = 5.0
"""How strongly a leaf is drawn to 0."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How long and how boldly."""

    trees: int = 60
    pace: float = 0.2


def train(
    rows: NDArray[np.float32],
    tumour: NDArray[np.bool_],
    lesson: Lesson | None = None,
) -> Trees:
    """Trees that tell tumour nuclei from others by ``domain.tumour.features``.

    ``rows`` (n, features); ``tumour`` (n,) whether each is one. Both classes weigh the same in
    all, so that the share of tumour in the training set does not become a belief. The same rows
    give the same trees. Raises ValueError where a class is missing.

    Newton's boosting of logistic loss on binned features, as in Friedman JH, Ann Stat
    2001;29:1189-1232.
    """
    lesson = lesson or Lesson()
    count = np.array([np.sum(~tumour), np.sum(tumour)], np.float64)
    if not count.all():
        raise ValueError("both classes are needed")
    weight = (len(tumour) / 2 / count)[tumour.astype(np.intp)]
    edges = [
        np.unique(np.quantile(one, np.linspace(0, 1, BINS + 1)[1:-1])).astype(np.float32)
        for one in rows.T
    ]
    bins = np.empty(rows.T.shape, np.int64)
    for own, edge, one in zip(bins, edges, rows.T, strict=True):
        own[:] = np.searchsorted(edge, one, side="left")
    odds = np.zeros(len(rows))
    features = np.zeros((lesson.trees, 7), np.int8)
    limits = np.full((lesson.trees, 7), np.inf, np.float32)
    leaves = np.zeros((lesson.trees, 8), np.float32)
    for tree in range(lesson.trees):
        chance = 1 / (1 + np.exp(-odds))
        slope, bend = weight * (tumour - chance), weight * chance * (1 - chance)
        where = _grown(bins, edges, slope, bend, features[tree], limits[tree])
        total = _sums(where, slope, 8), _sums(where, bend, 8)
        leaves[tree] = lesson.pace * total[0] / (total[1] + STILL)
        odds += leaves[tree][where]
    return Trees(features, limits, leaves, 0.0)


def _grown(
    bins: NDArray[np.int64],
    edges: list[NDArray[np.float32]],
    slope: NDArray[np.float64],
    bend: NDArray[np.float64],
    features: NDArray[np.int8],
    limits: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Chooses one tree's questions, level by level; the leaf of each row."""
    node = np.zeros(bins.shape[1], np.int64)
    for level in range(3):
        first, many = 2**level - 1, 2**level
        best = np.zeros(many)
        for feature, (own, edge) in enumerate(zip(bins, edges, strict=True)):
            wide = len(edge) + 1
            place = (node - first) * wide + own
            gain = _gains(
                _sums(place, slope, many * wide).reshape(many, wide),
                _sums(place, bend, many * wide).reshape(many, wide),
            )
            at = gain.argmax(axis=1)
            for one in range(many):
                if gain[one, at[one]] > best[one]:
                    best[one] = gain[one, at[one]]
                    features[first + one], limits[first + one] = feature, edge[at[one]]
        right = np.zeros(len(node), np.bool_)
        for one in range(many):
            asked = first + one
            if np.isfinite(limits[asked]):
                rank = int(np.searchsorted(edges[features[asked]], limits[asked]))
                right |= (node == asked) & (bins[features[asked]] > rank)
        node = 2 * node + 1 + right
    return node - 7


def _sums(place: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(place, values, count), np.float64)


def _gains(slope: NDArray[np.float64], bend: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each place to part brings, shape (nodes, bins − 1 or more); 0 where too few are left."""
    left, low = slope.cumsum(axis=1)[:, :-1], bend.cumsum(axis=1)[:, :-1]
    whole, all_ = slope.sum(axis=1)[:, None], bend.sum(axis=1)[:, None]
    right, high = whole - left, all_ - low
    gain = left**2 / (low + STILL) + right**2 / (high + STILL) - whole**2 / (all_ + STILL)
    gain[(low < LEAST / 4) | (high < LEAST / 4)] = 0
    return gain if gain.shape[1] else np.zeros((len(slope), 1))
