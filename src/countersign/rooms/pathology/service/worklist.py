"""The worklist: what waits, runs, is ready and is signed, and what must be scanned again first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal, scope_of
from countersign.ground.ledger import Event, EventKind
from countersign.ground.shell import Floor
from countersign.ground.slides import Advance, KeptSlide, Match, State

from .seeking import Seeking

FIRST: tuple[State, ...] = (
    "rescan",
    "damaged",
    "failed",
    "unmatched",
    "draft",
    "ready",
    "running",
    "queued",
    "signed",
    "set-aside",
)
"""The order of the worklist: what needs a person's hand at the glass, then at the screen."""

HAND: tuple[State, ...] = ("rescan", "damaged", "failed", "unmatched")
"""States out of which a slide comes by a person alone."""

SHOWN = 200
OLDER: Final = 25
"""Slides that need a hand and stand above newer ones; a filter shows all of them."""

MOST: Final = 1000
"""How far slides of one state are counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """A slide on the worklist. ``name`` is empty for who may not list the patient; ``match`` is
    None while nobody knows whose it is; ``advance`` is set while it runs; ``file`` is what the file
    was called, for those who match slides that are nobody's yet."""

    slide: KeptSlide
    name: str
    match: Match | None
    advance: Advance | None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see; None asks for any. ``who`` is what was typed or read from a
    barcode: a patient, a specimen's number or a slide's."""

    states: Sequence[State] | None = None
    stains: Sequence[str] | None = None
    who: str = field(default="", repr=False)
    limit: int = SHOWN
    before: int | None = None

    def fits(self, one: KeptSlide) -> bool:
        """Whether a slide is of a state and a stain that are asked for."""
        return (self.states is None or one.state in self.states) and (
            self.stains is None or one.stain in self.stains
        )


ANY: Final = Asked()


@dataclass(frozen=True, slots=True)
class Listed:
    """``counts`` are those of all states within what the person's relations reach, as far as
    ``MOST``; ``last`` is the slide after which the next page begins, None where none does."""

    rows: tuple[Row, ...]
    counts: dict[State, int]
    last: int | None = None


class Worklist:
    """What one person may see of all slides, under one receipt."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._listing = floor.slides.listing
        self._seeking = Seeking(floor)

    def show(self, principal: Principal, asked: Asked = ANY) -> Listed:
        """Those that must be scanned again first, then the newest. Raises Forbidden,
        LedgerUnavailable: what stands where is partly AI's work and is not shown unrecorded.
        """
        policy, scope = self._floor.policy, scope_of(principal)
        policy.require(principal, Action.SLIDES_LIST, Facts.house("slides"))
        handles = policy.decide(principal, Action.SLIDES_HANDLE, Facts.house("slides")).allowed
        found, older = self._found(principal, asked, handles)
        last = found[-1].number if len(found) >= asked.limit else None
        known = {one.id for one in found}
        found += [one for one in older if one.id not in known]
        facts = self._floor.chart.named_all({one.patient for one in found if one.patient})
        visible = {
            patient
            for patient, of in facts.items()
            if policy.decide(principal, Action.SLIDE_READ, of).allowed
        }
        kept = [one for one in found if (one.patient in visible if one.patient else handles)]
        rows = self._rows(principal, kept)
        self._floor.ledger.record(
            Event(EventKind.SLIDES_LISTED, principal.actor, detail={"slides": len(rows)})
        )
        rows.sort(key=lambda row: (FIRST.index(row.slide.state), -row.slide.number))
        counts = self._listing.tallies(scope, MOST, asked.stains)
        return Listed(tuple(rows), counts, last)

    def _found(
        self, principal: Principal, asked: Asked, handles: bool
    ) -> tuple[list[KeptSlide], list[KeptSlide]]:
        """A page of what was asked for; what needs a hand although it is older than that."""
        scope = scope_of(principal)
        if asked.who:
            return self._seeking.find(principal, asked, unmatched=handles), []
        found = self._listing.some(
            scope,
            states=asked.states,
            stains=asked.stains,
            limit=asked.limit,
            before=asked.before,
        )
        if asked.states is not None or asked.before is not None:
            return found, []
        older = self._listing.some(scope, states=HAND, stains=asked.stains, limit=OLDER)
        return found, older

    def _rows(self, principal: Principal, kept: Sequence[KeptSlide]) -> list[Row]:
        matches = self._listing.matches(WHOLE, kept)
        # Of whom everything was destroyed, nothing is listed any more.
        kept = [one for one in kept if one.patient is None or one.id in matches]
        advances = self._listing.advances(WHOLE, kept)
        people = {one.patient for one in kept if one.patient is not None}
        names = self._floor.chart.reader(principal).names(people) if people else {}
        # Who sees a slide of nobody's is one who handles slides, and may see what the label says.
        told = self._floor.slides.keeping.told
        return [
            Row(
                one,
                names.get(one.patient or "", ""),
                matches.get(one.id),
                advances.get(one.id),
                told(WHOLE, one.id).name if one.patient is None else "",
            )
            for one in kept
        ]
