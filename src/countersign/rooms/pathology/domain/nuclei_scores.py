"""How well nuclei were found: the aggregated Jaccard index, and points matched within a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]
Points = NDArray[np.floating[Any]]

RADIUS = 6.0
"""Pixels at 20×: a nucleus within it of a true centre is found (Sirinukunwattana et al. 2016,
doi:10.1109/TMI.2016.2525803)."""


def aggregated_jaccard(truth: Labels, found: Labels) -> float:
    """The aggregated Jaccard index of two pictures of numbered nuclei, 0 where there is none.

    As the MoNuSeg challenge computed it (its script of 17 July 2018, after Kumar et al. 2017,
    doi:10.1109/TMI.2017.2677499): every true nucleus takes the found one of the highest Jaccard
    index, one found nucleus may be taken several times, those never taken enlarge the union.
    Of equal indices the smaller number wins. Without any true nucleus: 1 if none was found, else 0.
    """
    real, of_real = np.unique(truth, return_inverse=True)
    seen, of_seen = np.unique(found, return_inverse=True)
    both = np.bincount(
        of_real.ravel() * len(seen) + of_seen.ravel(), minlength=len(real) * len(seen)
    ).reshape(len(real), len(seen))
    size_real, size_seen = both.sum(1), both.sum(0)
    nuclei, others = real != 0, seen != 0
    shared = both[nuclei][:, others]
    area_real, area_seen = size_real[nuclei], size_seen[others]
    if not nuclei.any():
        return 0.0 if others.any() else 1.0
    if not others.any():
        return 0.0
    union = area_real[:, None] + area_seen - shared
    best = (shared / union).argmax(1)
    rows = np.arange(len(best))
    met = shared[rows, best] > 0
    common = int(shared[rows, best][met].sum())
    whole = int(union[rows, best][met].sum() + area_real[~met].sum())
    idle = np.ones(len(area_seen), np.bool_)
    idle[best[met]] = False
    return common / (whole + int(area_seen[idle].sum()))


def matched(truth: Points, found: Points, radius: float = RADIUS) -> NDArray[np.int64]:
    """For each true point (n, 2) the number of the found one that belongs to it, -1 for none.

    Nearest pairs first, each point in one pair at most. Equal distances are settled by the
    points themselves, so that the order in which points are listed decides nothing.
    """
    answer = np.full(len(truth), -1, np.int64)
    if not len(truth) or not len(found):
        return answer
    real, seen = np.asarray(truth, np.float64), np.asarray(found, np.float64)
    square = ((real[:, None] - seen[None]) ** 2).sum(2)
    first, second = np.nonzero(square <= radius * radius)
    order = np.lexsort(
        (
            seen[second, 1],
            seen[second, 0],
            real[first, 1],
            real[first, 0],
            square[first, second],
        )
    )
    taken = np.zeros(len(found), np.bool_)
    for pair in order:
        one, other = first[pair], second[pair]
        if answer[one] < 0 and not taken[other]:
            answer[one], taken[other] = other, True
    return answer


@dataclass(frozen=True, slots=True)
class Counts:
    """Nuclei found and true, found and not true, true and not found."""

    hit: int
    false: int
    missed: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hit + other.hit, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 0 where nothing was found."""
        return self.hit / max(1, self.hit + self.false)

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 0 where nothing is true."""
        return self.hit / max(1, self.hit + self.missed)

    @property
    def f1(self) -> float:
        """2 hit / (2 hit + false + missed); 0 where there is nothing at all."""
        return 2 * self.hit / max(1, 2 * self.hit + self.false + self.missed)


def counted(pairs: NDArray[np.int64], found: int) -> Counts:
    """The counts of what ``matched`` gave; ``found`` is how many were found."""
    hit = int((pairs >= 0).sum())
    return Counts(hit, found - hit, len(pairs) - hit)
