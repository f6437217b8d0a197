"""The use cases: open the page of a patient, read a note, correct a finding, ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from countersign.ground.chart import PatientChart
from countersign.ground.identity import Action, Principal
from countersign.ground.models import Ready
from countersign.ground.reasoning import Person, Status
from countersign.ground.shell import Floor
from countersign.ground.signoff import Body, Opened, Proposal
from countersign.kit.dates import BadDate, age_on, interval
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language
from countersign.rooms.differential.inference import FURTHER, Conclusion, conclude

from .adding import with_further
from .answer import SHOWN, Answer, rows_of
from .chips import Chip, Origin, merged, weighed
from .drafting import KIND, ROOM, proposal
from .evidence import quoted
from .suggesting import Suggested, Suggesting

LONGEST = 20_000
"""Characters of a note."""

LEAST = 2
"""Present findings, known diagnoses not counted, from which a chart alone is ranked, unasked."""


class RefusedByPatient(CountersignError):
    code = "differential.refused"
    status = 409
    message = "This patient refuses processing by AI. Nothing is computed here."


class NoteTooLong(CountersignError):
    code = "differential.too_long"
    status = 422
    message = "The note has more than 20,000 characters. Leave out what does not matter here."


@dataclass(frozen=True, slots=True)
class Given:
    """What the physician gave: a note, corrected findings, genes, and what she thinks herself."""

    text: str = ""
    chips: tuple[Chip, ...] = ()
    genes: tuple[str, ...] = ()
    impression: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The chart in front of the physician, and who the patient is for the engines."""

    chart: PatientChart
    person: Person


@dataclass(frozen=True, slots=True)
class FurtherAnswer:
    """What was added, and the opened draft that holds it below the weighed list; None where
    nothing was added.
    """

    suggested: Suggested
    opened: Opened | None


class Differential:
    """One object for a process."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._engines = floor.reasoning
        self._suggesting = Suggesting(floor, FURTHER)

    def open(self, principal: Principal, patient: str) -> View:
        """The chart, for who may decide on such a draft.

        Raises Forbidden, AIStopped, RefusedByPatient, UnknownPatient.
        """
        facts = replace(self._floor.chart.named(patient), kind=f"{ROOM}.{KIND}")
        self._floor.policy.require(principal, Action.DRAFT_DECIDE, facts)
        self._floor.switch.require_running()
        if "ai" in facts.refused:
            raise RefusedByPatient
        chart = self._floor.chart.reader(principal).open(patient)
        return View(chart, self._person(chart))

    def who_adds(self) -> Ready | None:
        """The language model that would be asked; None where there is none."""
        return self._suggesting.ready()

    def start(self, view: View) -> Given:
        """What the chart alone says."""
        return Given(chips=self._of_chart(view))

    def read(self, view: View, given: Given) -> Given:
        """The note read anew, with earlier corrections kept. Raises NoteTooLong."""
        if len(given.text) > LONGEST:
            raise NoteTooLong
        found = [
            Chip(one, given.text[one.place.start : one.place.end], Origin.TEXT)
            for one in self._engines.read(given.text)
            if one.place is not None
        ]
        return replace(given, chips=merged(given.chips, (*found, *self._of_chart(view))))

    def ask(self, principal: Principal, view: View, given: Given, language: Language) -> Answer:
        """Ranks, stores the draft, and gives the answer once both receipts are durable.

        Raises AIStopped, Forbidden, ImpressionFirst, LedgerUnavailable.
        """
        findings = weighed(given.chips)
        conclusion = conclude(self._engines, findings, view.person, given.genes)
        draft = self._floor.signoff.proposals.propose(
            Principal.system("worker"),
            self._proposal(principal.actor, view, given, conclusion),
            asked_by=principal,
        )
        if draft is None:
            raise RuntimeError("a draft of this very moment exists already")
        opened = self._floor.signoff.reading.open(principal, draft)
        names = [one.name for one in conclusion.ranking.candidates]
        quotes = quoted(
            self._floor.library, principal, view.chart.summary.id, names, language
        )  # fmt: skip
        silenced = {one.term for one in findings if one.known or one.status is not Status.PRESENT}
        rows = rows_of(conclusion, quotes.passages, given.impression, silenced)
        return Answer(
            rows=rows[:SHOWN],
            must_not_miss=tuple(
                one for one in rows if one.candidate.cannot_miss and one.candidate.supported
            ),
            silent=conclusion.ranking.silent,
            deciding=conclusion.deciding,
            unanswerable=conclusion.ranking.unanswerable,
            impression=given.impression.strip(),
            own_rank=next((one.number for one in rows if one.own), None),
            library_away=quotes.away,
            opened=opened,
        )

    def further(
        self, principal: Principal, view: View, given: Given, language: Language
    ) -> FurtherAnswer:
        """What a language model adds to the weighed list, as a draft with its receipt.

        Raises AIStopped, Forbidden, ImpressionFirst, LedgerUnavailable, and what asking a
        language model raises.
        """
        findings = weighed(given.chips)
        conclusion = conclude(self._engines, findings, view.person, given.genes)
        ranked = conclusion.ranking.candidates
        suggested = self._suggesting.suggest(
            principal, view.chart, view.person, findings, ranked, language
        )
        if not suggested.further:
            return FurtherAnswer(suggested, None)
        weighed_alone = self._proposal(principal.actor, view, given, conclusion)
        draft = self._floor.signoff.proposals.propose(
            Principal.system("worker"),
            with_further(weighed_alone, conclusion, suggested, self._engines.label),
            asked_by=principal,
        )
        if draft is None:
            raise RuntimeError("a draft of this very call exists already")
        return FurtherAnswer(suggested, self._floor.signoff.reading.open(principal, draft))

    def of_chart(self, patient: str) -> str | None:
        """Proposes what the chart alone makes worth considering, once; returns the draft's id.

        None where it was proposed before, where fewer than ``LEAST`` findings stand in the chart
        or where they allow no answer, and for who refuses. Raises AIStopped, LedgerUnavailable.
        """
        if "ai" in self._floor.chart.named(patient).refused:
            return None
        worker = Principal.system("worker")
        chart = self._floor.chart.reader(worker).open(patient)
        view = View(chart, self._person(chart))
        chips = self._of_chart(view)
        findings = weighed(chips)
        present = [
            one
            for one in findings
            if one.status is Status.PRESENT and not one.past and not one.known
        ]
        if len(present) < LEAST:
            return None
        conclusion = conclude(self._engines, findings, view.person)
        if conclusion.ranking.unanswerable is not None:
            return None
        return self._floor.signoff.proposals.propose(
            worker, self._proposal(None, view, Given(chips=chips), conclusion)
        )

    def _proposal(
        self, asker: str | None, view: View, given: Given, conclusion: Conclusion
    ) -> Proposal[Body]:
        return proposal(
            self._engines.label,
            view.chart,
            given.text,
            given.chips,
            conclusion,
            self._floor.clock(),
            asker,
        )

    def _of_chart(self, view: View) -> tuple[Chip, ...]:
        """Each finding of the chart once.

        A normal result says how it was on its day: by itself it speaks against nothing new. What a
        known diagnosis explains speaks for nothing new.
        """
        resources = [one.resource for one in view.chart.versions]
        found = self._engines.of_chart(resources, self._today())
        last = {(one.term, one.holder): one for one in found}
        return tuple(
            Chip(one, "", Origin.CHART, one.status is not Status.ABSENT and not one.explained)
            for one in last.values()
        )

    def _person(self, chart: PatientChart) -> Person:
        summary = chart.summary
        sex = summary.sex if summary.sex in ("male", "female") else None
        try:
            born = interval(summary.birth_date).low.date() if summary.birth_date else None
        except BadDate:
            born = None
        return Person(age_on(born, self._today()) if born else None, sex)

    def _today(self) -> date:
        return self._floor.clock().astimezone(self._floor.site.zone).date()
