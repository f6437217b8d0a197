"""The knowledge as numbers: how often each finding is seen in each condition, and who has which."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .knowledge import AGES, Condition, Knowledge, Sex

Array = npt.NDArray[np.float64]

UNLISTED = 0.15
"""Share of first visits whose cause is none of the listed conditions: an assumption."""

VISITS = (0.05, 0.12, 0.05, 0.25, 0.30, 0.23)
"""Share of the age groups among first visits, used where the age is not known: an assumption."""

LEAST, MOST = 0.001, 0.98


@dataclass(frozen=True, slots=True)
class Tables:
    """``shares`` is (findings, conditions + 1): P(finding | condition); the last column is for
    whoever has none of the listed conditions. ``wider`` is, for each finding, the row of the
    finding it narrows, or -1. ``row`` finds a term's row."""

    knowledge: Knowledge
    shares: Array
    wider: npt.NDArray[np.intp]
    row: dict[str, int]

    def priors(self, age_years: float | None, sex: Sex | None) -> Array:
        """The share of each condition, and last of none, before anything is known: (C + 1)."""
        listed = np.array(
            [_frequency(condition, age_years, sex) for condition in self.knowledge.conditions]
        )
        return np.append(listed * (1 - UNLISTED) / listed.sum(), UNLISTED)


def build(knowledge: Knowledge) -> Tables:
    """The tables, made consistent: a kind of finding is never more often seen than the whole, and
    where a condition lists only the whole, its kinds keep their usual share of it."""
    place = {entry.id: number for number, entry in enumerate(knowledge.entries)}
    outer = [place[entry.narrows] if entry.narrows else -1 for entry in knowledge.entries]
    background = [entry.background for entry in knowledge.entries]
    usual = np.array(background)
    shares = np.repeat(usual[:, None], len(knowledge.conditions) + 1, axis=1)
    for column, condition in enumerate(knowledge.conditions):
        listed = {place[name]: share for name, share in condition.findings.items()}
        for number, share in list(listed.items()):
            above = outer[number]
            while above >= 0:
                listed[above] = max(listed.get(above, background[above]), share)
                above = outer[above]
        for number in _outermost_first(outer):
            above = outer[number]
            if number in listed:
                shares[number, column] = listed[number]
            elif above >= 0:
                shares[number, column] = shares[above, column] * usual[number] / usual[above]
    shares = np.clip(shares, LEAST, MOST)
    for number in _outermost_first(outer):
        if outer[number] >= 0:
            shares[number] = np.minimum(shares[number], MOST * shares[outer[number]])
    row = {term: number for number, entry in enumerate(knowledge.entries) for term in entry.terms}
    return Tables(knowledge, shares, np.array(outer, dtype=np.intp), row)


def _outermost_first(outer: list[int]) -> list[int]:
    def depth(number: int) -> int:
        return 0 if outer[number] < 0 else 1 + depth(outer[number])

    return sorted(range(len(outer)), key=depth)


def _frequency(condition: Condition, age_years: float | None, sex: Sex | None) -> float:
    if age_years is None:
        age = sum(share * part for share, part in zip(condition.ages, VISITS, strict=True))
    else:
        age = condition.ages[max(bisect.bisect_right(AGES, age_years) - 1, 0)]
    if condition.sex is None:
        return condition.frequency * age
    if sex is None:
        return condition.frequency * age / 2
    return condition.frequency * age if sex == condition.sex else 0.0
