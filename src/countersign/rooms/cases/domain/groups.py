"""Counts how few cases share what an outsider could know, before a collection is released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .case import Case

LEAST: Final = 5
"""A group of fewer cases is small: our own starting point, to be set by the hospital."""


@dataclass(frozen=True, slots=True)
class Groups:
    """``small`` holds the places of cases in groups of fewer than ``LEAST``; ``smallest`` is
    the size of the smallest group, 0 where there is no case.
    """

    cases: int
    groups: int
    smallest: int
    small: frozenset[int]


def groups(cases: Sequence[Case]) -> Groups:
    """Cases grouped by age group, sex and first problem: what a neighbour may know."""
    keys = [(one.age, one.sex, one.principal) for one in cases]
    sizes = Counter(keys)
    small = frozenset(place for place, key in enumerate(keys) if sizes[key] < LEAST)
    return Groups(len(cases), len(sizes), min(sizes.values(), default=0), small)
