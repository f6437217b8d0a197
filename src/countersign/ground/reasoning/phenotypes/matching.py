"""How well each disease explains one term: by itself, by a form of it, or by an ancestor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .knowledge import Floats, Ints, Knowledge
from .profile import Profile

_Number = TypeVar("_Number", np.float32, np.int8)


class Kind(IntEnum):
    """What the disease is annotated with."""

    ANCESTOR = 0
    NARROWER = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class Match:
    """For every disease: what it shares with a term at best.

    ``information`` of the shared term in nats, ``share`` of the disease's patients who have it,
    ``kind`` as in ``Kind``. ``asked`` is the information of the term itself. ``plain`` and ``wide``
    are two logarithms of a likelihood ratio, see ``ratios``.
    """

    asked: float
    information: Floats
    share: Floats
    kind: NDArray[np.int8]
    plain: Floats
    wide: Floats


@dataclass(frozen=True, slots=True)
class Altered:
    """A disease as it would be annotated otherwise: ``spread`` over the ontology, and directly;
    ``denied`` is what it was seen without."""

    profile: Profile
    spread: Mapping[int, float]
    course: tuple[int, int, int]
    denied: Mapping[int, int] = field(default_factory=dict[int, int])


Alterations = Mapping[int, Altered]
"""By position of the disease; used to leave out a publication when a ranking is measured."""

NOTHING_ALTERED: Alterations = {}


class Matching:
    """Matches terms against all diseases; remembers the terms that were asked for lately."""

    def __init__(self, knowledge: Knowledge, remembered: int = 512) -> None:
        self._known = knowledge
        self._carriers_as_annotated = _annotated_carriers(knowledge)
        self._match = lru_cache(remembered)(self._matched)

    def match(self, term: int, altered: Alterations = NOTHING_ALTERED) -> Match:
        """Arrays of one value for each disease; not to be written to."""
        found = self._match(term)
        if not altered:
            return found
        at = np.fromiter(altered, np.int32, count=len(altered))
        against = [self._against(term, other) for other in altered.values()]
        information, share = (np.array([row[n] for row in against], np.float32) for n in (0, 1))
        kind = np.array([row[2] for row in against], np.int8)
        plain, wide = ratios(found.asked, information, share, kind)
        return Match(
            asked=found.asked,
            information=_with(found.information, at, information),
            share=_with(found.share, at, share),
            kind=_with(found.kind, at, kind),
            plain=_with(found.plain, at, plain),
            wide=_with(found.wide, at, wide),
        )

    def _matched(self, term: int) -> Match:
        known = self._known
        count = len(known.diseases)
        information, share = np.zeros(count, np.float32), np.zeros(count, np.float32)
        kind = np.zeros(count, np.int8)
        for above in known.above.of(term)[0].tolist():
            diseases, shares = known.carriers.of(above)
            information[diseases] = known.information[above]
            share[diseases] = shares
        diseases, shares = known.carriers.of(term)
        information[diseases], share[diseases] = known.information[term], shares
        kind[diseases] = Kind.NARROWER
        kind[self._carriers_as_annotated.get(term, [])] = Kind.SAME
        return _weighed(float(known.information[term]), information, share, kind)

    def _against(self, term: int, other: Altered) -> tuple[float, float, int]:
        if term in other.spread:
            same = bool(np.any(other.profile.terms == term))
            kind = Kind.SAME if same else Kind.NARROWER
            return float(self._known.information[term]), other.spread[term], kind
        for above in reversed(self._known.above.of(term)[0].tolist()):
            if above in other.spread:
                return float(self._known.information[above]), other.spread[above], Kind.ANCESTOR
        return 0.0, 0.0, Kind.ANCESTOR

    def shared(self, term: int, disease: int) -> tuple[int, Kind] | None:
        """The term that one disease shares with ``term`` at best, and how; None for nothing."""
        annotated = self._known.annotated.of(disease)[0]
        if term in annotated:
            return term, Kind.SAME
        for above in reversed(self._known.above.of(term)[0].tolist()):
            if _within(self._known.carriers.of(above)[0], disease):
                return above, Kind.NARROWER if above == term else Kind.ANCESTOR
        return None


def _with(values: NDArray[_Number], at: Ints, others: NDArray[_Number]) -> NDArray[_Number]:
    changed = values.copy()
    changed[at] = others
    return changed


def _weighed(asked: float, information: Floats, share: Floats, kind: NDArray[np.int8]) -> Match:
    plain, wide = ratios(asked, information, share, kind)
    return Match(asked, information, share, kind, plain, wide)


LEAST_SHARE = 0.02
"""A share below it, or none, counts as 2 of 100: reports are small and leave things out."""

NOTHING_SHARED = 0.2
"""Information in nats up to which a shared term stands for nothing shared."""


def ratios(
    asked: float, information: Floats, share: Floats, kind: NDArray[np.int8]
) -> tuple[Floats, Floats]:
    """Two logarithms of P(term | disease) / P(term), after LIRICAL (Robinson et al., Am J Hum
    Genet 2020;107:403-417), where information stands for -ln P(term).

    A term that the disease has only by an ancestor is the worse the more was lost on the way:
    ``plain`` takes off 2 nats and 0.3 a nat, and nothing shared is no evidence; ``wide`` takes off
    0.7 and 0.1, and nothing shared speaks against the disease by 2 nats.
    """
    base = np.log(np.maximum(share, LEAST_SHARE)) + information
    lost = asked - information
    indirect, nothing = kind == Kind.ANCESTOR, information <= NOTHING_SHARED
    plain = np.where(indirect, base - 2.0 - 0.3 * lost, base)
    wide = np.where(indirect, base - 0.7 - 0.1 * lost, base)
    plain = np.clip(np.where(nothing, 0.0, plain), 0.0, 8.0)
    wide = np.clip(np.where(nothing, -2.0, wide), -2.0, 9.0)
    return plain.astype(np.float32), wide.astype(np.float32)


def _within(ordered: Ints, one: int) -> bool:
    at = int(np.searchsorted(ordered, one))
    return at < len(ordered) and int(ordered[at]) == one


def _annotated_carriers(known: Knowledge) -> dict[int, Ints]:
    rows = np.repeat(np.arange(len(known.diseases), dtype=np.int32), np.diff(known.annotated.at))
    order = np.argsort(known.annotated.key, kind="stable")
    terms, starts = np.unique(known.annotated.key[order], return_index=True)
    parts = np.split(rows[order], starts[1:])
    return dict(zip(terms.tolist(), parts, strict=True))
