"""Sums decisions up by person, department and model, without showing small numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

LEAST = 10
"""A group with fewer members is not shown; our own starting point, to be reviewed."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: by whom, where, of which model, what, read how long (seconds)."""

    person: str
    departments: tuple[str, ...]
    model: str
    decision: str
    seconds: float
    expected: float
    quick: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Shares are from 0 to 1; ``ratio`` is the median of reading time by time that reading
    takes, None where nothing was to be read."""

    name: str
    count: int
    accepted: float
    amended: float
    rejected: float
    quick: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The groups that may be shown, by name, and how many are withheld."""

    groups: tuple[Group, ...]
    withheld: int


def report(
    decisions: Sequence[Decided], names: Callable[[Decided], Iterable[str]], least: int = LEAST
) -> Report:
    """The groups under ``names``; small ones are withheld.

    One withheld group alone could be reckoned from a total, so that then the smallest of the
    others is withheld with it.
    """
    gathered: dict[str, list[Decided]] = {}
    for one in decisions:
        for name in names(one):
            gathered.setdefault(name, []).append(one)
    shown = shown_of({name: len(ones) for name, ones in gathered.items()}, least)
    groups = tuple(_group(name, gathered[name]) for name in sorted(shown))
    return Report(groups, len(gathered) - len(groups))


def shown_of(sizes: Mapping[str, int], least: int = LEAST) -> frozenset[str]:
    """The names whose numbers may be shown."""
    shown = {name for name, size in sizes.items() if size >= least}
    if shown and len(sizes) - len(shown) == 1:
        shown.discard(min(shown, key=lambda name: (sizes[name], name)))
    return frozenset(shown)


def streaks(decisions: Iterable[Decided]) -> dict[str, int]:
    """The longest run of acceptances without a change, by person; in the order decided."""
    running: dict[str, int] = {}
    longest: dict[str, int] = {}
    for one in decisions:
        unchanged = one.decision in ("accepted", "countersigned")
        running[one.person] = running.get(one.person, 0) + 1 if unchanged else 0
        longest[one.person] = max(longest.get(one.person, 0), running[one.person])
    return longest


def _group(name: str, ones: Sequence[Decided]) -> Group:
    ratios = [one.seconds / one.expected for one in ones if one.expected > 0]
    return Group(
        name,
        len(ones),
        _share(ones, "accepted", "countersigned"),
        _share(ones, "amended"),
        _share(ones, "rejected"),
        sum(one.quick for one in ones) / len(ones),
        median(ratios) if ratios else None,
    )


def _share(ones: Sequence[Decided], *decisions: str) -> float:
    return sum(one.decision in decisions for one in ones) / len(ones)
