"""Puts the reports of the quality office together from what the gate keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from countersign.ground.identity import Principal
from countersign.ground.signoff import STREAK, Case, Opened, Read, Signoff
from countersign.kit.clock import Clock

from .domain.counts import Agreement, agreements, by_cause
from .domain.groups import LEAST, Decided, Report, report, streaks

DAYS = 90


@dataclass(frozen=True, slots=True)
class Reading:
    """The report on reading times; ``streaks`` are persons with long runs of acceptances."""

    decisions: int
    people: Report
    departments: Report
    models: Report
    streaks: tuple[tuple[str, int], ...]
    agreements: tuple[Agreement, ...]
    agreements_withheld: int
    shown_at_once: int


class Safety:
    """The use cases of the safety loop's pages; nothing here signs or releases."""

    def __init__(self, signoff: Signoff, clock: Clock) -> None:
        self._signoff = signoff
        self._clock = clock

    def reading(self, principal: Principal) -> Reading:
        """The last 90 days. Raises Forbidden."""
        since = self._clock() - timedelta(days=DAYS)
        vigilance = self._signoff.vigilance
        decided = [_decided(one) for one in vigilance.decisions(principal, since)]
        found, withheld, at_once = agreements(vigilance.agreements(principal, since))
        people = report(decided, lambda one: (one.person,))
        runs = streaks(decided)
        shown = {group.name for group in people.groups}
        return Reading(
            len(decided) if len(decided) >= LEAST else 0,
            people,
            report(decided, lambda one: one.departments),
            report(decided, lambda one: (one.model,)),
            tuple(
                sorted((name, run) for name, run in runs.items() if run >= STREAK and name in shown)
            ),
            found,
            withheld,
            at_once,
        )

    def cases(self, principal: Principal) -> tuple[list[Case], dict[tuple[str, str, str], int]]:
        """Every case, and how many there are by cause, root and outcome."""
        cases = self._signoff.adjudication.all(principal)
        return cases, by_cause((one.cause, one.root, one.outcome) for one in cases)

    def case(self, principal: Principal, case_id: str) -> tuple[Case, Opened, Opened | None]:
        """A case with the draft in dispute and, if there is one, the draft decided otherwise."""
        case = self._signoff.adjudication.one(principal, case_id)
        reading = self._signoff.reading
        other = reading.open(principal, case.counter_id) if case.counter_id else None
        return case, reading.open(principal, case.draft_id), other


def _decided(one: Read) -> Decided:
    return Decided(
        one.person,
        one.departments,
        one.model,
        one.decision,
        one.seconds,
        one.expected_seconds,
        one.quick,
    )
