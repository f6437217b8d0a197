"""The worklist: what waits, runs, is ready and is signed, and what must be scanned again first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.ground.chart import NotFound
from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal, scope_of
from countersign.ground.ledger import Event, EventKind
from countersign.ground.shell import Floor
from countersign.ground.slides import Advance, KeptSlide, Match, State

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


@dataclass(frozen=True, slots=True)
class Row:
    """A slide on the worklist. ``name`` is empty for who may not list the patient; ``match`` is
    None while nobody knows whose it is; ``advance`` is set while it runs."""

    slide: KeptSlide
    name: str
    match: Match | None
    advance: Advance | None


@dataclass(frozen=True, slots=True)
class Listed:
    """``counts`` are those of all states within what the person's relations reach."""

    rows: tuple[Row, ...]
    counts: dict[State, int]


class Worklist:
    """What one person may see of all slides, under one receipt."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._slides = floor.slides

    def show(
        self,
        principal: Principal,
        *,
        states: Sequence[State] | None = None,
        stains: Sequence[str] | None = None,
        patient: str | None = None,
        limit: int = SHOWN,
        before: int | None = None,
    ) -> Listed:
        """Those that must be scanned again first, then the newest. Raises Forbidden,
        LedgerUnavailable: what stands where is partly AI's work and is not shown unrecorded.
        """
        policy, scope = self._floor.policy, scope_of(principal)
        policy.require(principal, Action.SLIDES_LIST, Facts.house("slides"))
        handles = policy.decide(principal, Action.SLIDES_HANDLE, Facts.house("slides")).allowed
        found = self._slides.keeping.some(
            scope, states=states, stains=stains, patient=patient, limit=limit, before=before
        )
        if states is None and before is None:
            # What needs a hand is first, however old it is.
            held = {one.id for one in found}
            older = self._slides.keeping.some(
                scope, states=HAND, stains=stains, patient=patient, limit=limit
            )
            found += [one for one in older if one.id not in held]
        people = {one.patient for one in found if one.patient is not None}
        visible = {one for one in people if self._may(principal, one)}
        kept = [one for one in found if (one.patient in visible if one.patient else handles)]
        names = self._floor.chart.reader(principal).names(visible) if visible else {}
        rows = [self._row(one, names) for one in kept]
        self._floor.ledger.record(
            Event(EventKind.SLIDES_LISTED, principal.actor, detail={"slides": len(rows)})
        )
        rows.sort(key=lambda row: (FIRST.index(row.slide.state), -row.slide.number))
        return Listed(tuple(rows), self._slides.keeping.counts(scope))

    def _row(self, one: KeptSlide, names: dict[str, str]) -> Row:
        advance = None
        if one.state == "running":
            run = self._slides.running.latest(WHOLE, one.id)
            advance = run.advance if run is not None else None
        match = None if one.patient is None else self._slides.keeping.match(WHOLE, one.id)
        return Row(one, names.get(one.patient or "", ""), match, advance)

    def _may(self, principal: Principal, patient: str) -> bool:
        try:
            facts = self._floor.chart.named(patient)
        except NotFound:
            return False
        return self._floor.policy.decide(principal, Action.SLIDE_READ, facts).allowed
