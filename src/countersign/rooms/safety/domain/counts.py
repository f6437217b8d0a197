"""Counts cases by cause and impressions by agreement, without showing small numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .groups import LEAST, shown_of

AGREEMENTS = ("agree", "partly", "disagree")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How own impressions stood to the drafts of one kind and model; shares from 0 to 1."""

    kind: str
    model: str
    count: int
    agree: float
    partly: float
    disagree: float


def agreements(
    rows: Iterable[tuple[str, str, str]], least: int = LEAST
) -> tuple[tuple[Agreement, ...], int, int]:
    """From (kind, model, agreement): what may be shown, how much is withheld, and how often
    a draft was shown at once instead."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    at_once = 0
    for kind, model, agreement in rows:
        if agreement not in AGREEMENTS:
            at_once += 1
            continue
        counts.setdefault((kind, model), Counter())[agreement] += 1
    names = {"\n".join(key): count.total() for key, count in counts.items()}
    shown = shown_of(names, least)
    found = tuple(
        Agreement(
            *key,
            count.total(),
            *(count[name] / count.total() for name in AGREEMENTS),
        )
        for key, count in sorted(counts.items())
        if "\n".join(key) in shown
    )
    return found, len(counts) - len(found), at_once


def by_cause(
    cases: Iterable[tuple[str, str | None, str | None]],
) -> dict[tuple[str, str, str], int]:
    """From (cause, root, outcome) to how many cases; undecided ones have root and outcome ""."""
    counted = Counter((cause, root or "", outcome or "") for cause, root, outcome in cases)
    return dict(sorted(counted.items()))
