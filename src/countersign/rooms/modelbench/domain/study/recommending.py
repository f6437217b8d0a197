"""Recommends a configuration for each kind of work by stated rules, with what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .capacity import Capacity
from .intervals import Difference, Interval, Marks, difference, weighted
from .plan import WorkRule
from .pricing import Cost

Verdict = Literal[
    "chosen", "dearer", "inferior", "too-slow", "too-weak", "no-price", "not-measured"
]
MARGINS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1)
"""Margins at which the choice is tried again."""
DEARER = (1.25, 1.5, 2.0)
"""Factors on the chosen one's price at which the choice is tried again."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a configuration: answers by set, capacity under load, cost of 1,000 answers.

    ``capacity`` None: no load was measured. ``cost`` None: no price, or nothing kept.
    """

    key: str
    marks: Mapping[str, Marks]
    capacity: Capacity | None
    cost: Cost | None

    @property
    def keeps(self) -> bool | None:
        """Whether it keeps the service level at any load; None where that was not measured."""
        return None if self.capacity is None else self.capacity.step is not None


@dataclass(frozen=True, slots=True)
class Judged:
    """One configuration for one kind of work, and why it was or was not chosen."""

    key: str
    verdict: Verdict
    quality: Interval | None
    behind: Difference | None
    thousand: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A changed assumption under which another configuration would be chosen (None: none)."""

    what: Literal["margin", "price", "without"]
    amount: float
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The choice for a kind of work. ``best`` has the highest score; ``chosen`` None: nobody.

    ``dearest`` says whether only the dearest one that was measured will do.
    """

    work: str
    margin: float
    best: str | None
    chosen: str | None
    judged: tuple[Judged, ...]
    changes: tuple[Change, ...]
    items: int


def recommend(
    work: WorkRule, candidates: Sequence[Candidate], seed: int, rounds: int = 2000
) -> Recommendation:
    """The cheapest that is not inferior to the best by more than the margin and keeps the level.

    The best is the highest score among those that were asked every set of the work and that keep
    the service level or whose load was not measured. Differences are by paired bootstrap; every
    one uses the same ``seed``, so that the same data give the same advice.
    """
    found = _compared(work, candidates, seed, rounds)
    chosen = _choose(work.margin, work.least, found)
    return Recommendation(
        work=work.name,
        margin=work.margin,
        best=found.best,
        chosen=chosen,
        judged=tuple(_judge(one, work, found, chosen) for one in candidates),
        changes=_changes(work, candidates, found, chosen, (seed, rounds)),
        items=max((one.n for one in found.quality.values()), default=0),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Who can be chosen, each one's quality, and how far each is behind the best of them."""

    able: tuple[Candidate, ...]
    quality: Mapping[str, Interval]
    behind: Mapping[str, Difference]
    best: str | None


def _compared(work: WorkRule, candidates: Sequence[Candidate], seed: int, rounds: int) -> _Found:
    quality = {
        one.key: weighted(one.marks, work.sets, np.random.default_rng(seed), rounds)
        for one in candidates
        if _asked(one, work)
    }
    able = tuple(one for one in candidates if one.key in quality and one.keeps is not False)
    best = max(able, key=lambda one: (quality[one.key].value, one.key), default=None)
    behind = {
        one.key: difference(one.marks, best.marks, work.sets, np.random.default_rng(seed), rounds)
        for one in candidates
        if best is not None and one.key in quality
    }
    return _Found(able, quality, behind, best.key if best else None)


def _asked(one: Candidate, work: WorkRule) -> bool:
    return all(name in one.marks and len(one.marks[name].scores) for name in work.sets)


def _choose(
    margin: float, least: float, found: _Found, dearer: Mapping[str, float] | None = None
) -> str | None:
    """The cheapest fit one; without any price the best of the fit ones."""
    fit = [
        one
        for one in found.able
        if found.quality[one.key].value >= least and _fit(one.key, margin, found)
    ]
    priced = [one for one in fit if one.cost is not None]
    if priced:
        factors = dearer or {}
        return min(
            priced,
            key=lambda one: (
                (one.cost.real_thousand if one.cost else 0.0) * factors.get(one.key, 1.0),
                -found.quality[one.key].value,
                one.key,
            ),
        ).key
    if not fit:
        return None
    return max(fit, key=lambda one: (found.quality[one.key].value, one.key)).key


def _fit(key: str, margin: float, found: _Found) -> bool:
    """The best itself is always fit."""
    return key == found.best or found.behind[key].not_inferior(margin)


def _judge(one: Candidate, work: WorkRule, found: _Found, chosen: str | None) -> Judged:
    thousand = one.cost.real_thousand if one.cost else None
    quality, behind = found.quality.get(one.key), found.behind.get(one.key)
    return Judged(one.key, _verdict(one, work, found, chosen), quality, behind, thousand)


def _verdict(one: Candidate, work: WorkRule, found: _Found, chosen: str | None) -> Verdict:
    if one.key == chosen:
        return "chosen"
    if one.key not in found.quality or one.key not in found.behind:
        return "not-measured"
    if one.keeps is False:
        return "too-slow"
    if found.quality[one.key].value < work.least:
        return "too-weak"
    if not _fit(one.key, work.margin, found):
        return "inferior"
    return "no-price" if one.cost is None else "dearer"


def _changes(
    work: WorkRule,
    candidates: Sequence[Candidate],
    found: _Found,
    chosen: str | None,
    drawn: tuple[int, int],
) -> tuple[Change, ...]:
    """The nearest margin on each side, the least rise in price, and the loss of the chosen one."""
    changes: list[Change] = []
    for side in (
        [one for one in reversed(MARGINS) if one < work.margin],
        [one for one in MARGINS if one > work.margin],
    ):
        for margin in side:
            other = _choose(margin, work.least, found)
            if other != chosen:
                changes.append(Change("margin", margin, other))
                break
    if chosen is None:
        return tuple(changes)
    for factor in DEARER:
        other = _choose(work.margin, work.least, found, {chosen: factor})
        if other != chosen:
            changes.append(Change("price", factor, other))
            break
    left = [one for one in candidates if one.key != chosen]
    other = _choose(work.margin, work.least, _compared(work, left, *drawn))
    changes.append(Change("without", 0.0, other))
    return tuple(changes)
