"""What a physician asks of an assistant: evidence for a question or a patient, and a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from countersign.ground.chart import Chart, PatientChart, PatientSummary
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.library import (
    Answer,
    Applying,
    Fact,
    Found,
    Gathered,
    Library,
    Person,
    facts_of,
    fits,
    gathered,
    in_one_language,
    person_of,
    question_of,
)
from countersign.ground.models import Asking, ModelRef, Ready
from countersign.ground.signoff import Signoff
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language
from countersign.rooms.assistant.domain import Assistant, Patient, Recommendation, Source, recommend
from countersign.rooms.assistant.inference import MODEL
from countersign.rooms.assistant.store import Kept

from .evidence import bears, held, known_of, source_of
from .proposing import KIND, ROOM, proposal_of
from .wording import Wording

READ_TYPES = ("Condition", "Observation", "MedicationRequest", "MedicationStatement",
              "DiagnosticReport", "Procedure")  # fmt: skip
WIDE = 24
"""Passages that are looked at for each fact before those of other collections are left out."""
FURTHER = 20
"""Passages that are shown beside what would be quoted."""


class NothingToRecommend(CountersignError):
    code = "assistant.no_support"
    status = 409
    message = (
        "No passage of this collection supports a recommendation for this patient, so there is"
        " no draft. Complete the chart, or ask a question of your own."
    )


class ProposedBefore(CountersignError):
    code = "assistant.proposed_before"
    status = 409
    message = (
        "The same facts and passages were drafted before, so there is no second draft. Look at"
        " the one that waits, or at what was decided."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question brought from the documents of one assistant."""

    answer: Answer
    support: tuple[Found, ...]
    near: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class ForPatient:
    """Evidence for one patient, and what would be drafted; None where nothing supports it.

    ``others`` are passages that may apply and are not quoted, ``unmatched`` facts of which the
    collection says nothing; ``refused`` is whether the patient refuses processing by AI.
    """

    patient: PatientSummary
    person: Person
    recommendation: Recommendation | None
    others: tuple[Applying, ...]
    unmatched: tuple[Fact, ...]
    refused: bool
    may_draft: bool


class Recommending:
    """The use cases of this room; ``model`` is the registered rule pack that drafts."""

    def __init__(
        self,
        library: Library,
        signoff: Signoff,
        chart: Chart,
        policy: Policy,
        gateway: Asking,
        model: ModelRef = MODEL,
    ) -> None:
        self._library = library
        self._signoff = signoff
        self._chart = chart
        self._policy = policy
        self._model = model
        self._wording = Wording(gateway)

    def ask(self, principal: Principal, assistant: Assistant, question: str, limit: int) -> Asked:
        """The passages of this collection for a question. Raises Forbidden."""
        answer = self._library.finding.ask(principal, question, WIDE)
        return Asked(
            answer,
            tuple(held(assistant, answer.support))[:limit],
            tuple(held(assistant, answer.near))[:limit],
        )

    def for_patient(
        self, principal: Principal, assistant: Assistant, patient: str, now: datetime,
        language: Language,
    ) -> ForPatient:  # fmt: skip
        """Evidence for a patient whose chart the principal may open. Raises Forbidden."""
        self._policy.require(principal, Action.LIBRARY_ASK, Facts.house("library"))
        chart = self._chart.reader(principal).open(patient)
        facts, person = _read(chart, now)
        questions = [question_of(one, language) for one in facts]
        answers = [
            replace(one, support=tuple(held(assistant, one.support)),
                    near=tuple(held(assistant, one.near)))
            for one in self._library.finding.ask_all(principal, questions, WIDE, patient)
        ]  # fmt: skip
        found = gathered(facts, answers, person)
        fitting = in_one_language(found.applying, language)
        sources = self._sources(principal, fitting, facts)
        made = _recommended(assistant, chart, person, facts, found, sources, now, language)
        about = self._facts(patient)
        return ForPatient(
            chart.summary,
            person,
            made,
            _others(fitting, made),
            _unmatched(found, made),
            "ai" in about.refused,
            self._policy.decide(principal, Action.DRAFT_DECIDE, about).allowed,
        )

    def who_words(self) -> Ready | None:
        """The language model that would word a draft; None where there is none."""
        return self._wording.ready()

    def draft(
        self,
        principal: Principal,
        kept: Kept,
        patient: str,
        now: datetime,
        language: Language,
        in_words: bool = False,
    ) -> str:
        """Proposes the recommendation and returns the draft's id; ``in_words`` has a language
        model word it first.

        Whoever could decide such a draft may ask for it. Raises Forbidden, NothingToRecommend,
        ProposedBefore, AIStopped, LedgerUnavailable, ModelRecalled, NothingWorded, and what
        asking a language model raises.
        """
        self._policy.require(principal, Action.DRAFT_DECIDE, self._facts(patient))
        view = self.for_patient(principal, kept.assistant, patient, now, language)
        if view.recommendation is None:
            raise NothingToRecommend
        proposal = proposal_of(kept, patient, view.recommendation, now, self._model)
        if in_words:
            found = self._wording.word(principal, patient, view.recommendation)
            took_part = (found.said.prompt.label, self._model.label)
            proposal = proposal_of(
                kept, patient, found.recommendation, now, found.said.model, took_part
            )
        made = self._signoff.proposals.propose(
            Principal.system("worker"), proposal, asked_by=principal
        )
        if made is None:
            raise ProposedBefore
        return made

    def waiting(self, principal: Principal, patient: str) -> list[str]:
        """The recommendations about this patient that await a decision."""
        return self._signoff.waiting.of(principal, patient, ROOM)

    def _facts(self, patient: str) -> Facts:
        return replace(self._chart.named(patient), kind=f"{ROOM}.{KIND}")

    def _sources(
        self, principal: Principal, applying: Sequence[Applying], facts: Sequence[Fact]
    ) -> list[Source]:
        """Passages that nothing speaks against and that stand word for word at their place."""
        fitting = [one for one in applying if not one.bad and bears(one)]
        quotes = self._library.consulting.quotes(
            principal, [one.found.hit.passage for one in fitting]
        )
        return [
            source_of(one, facts, quotes[one.found.hit.passage.id].sha256)
            for one in fitting
            if one.found.hit.passage.id in quotes
        ]


def _recommended(
    assistant: Assistant, chart: PatientChart, person: Person, facts: Sequence[Fact],
    found: Gathered, sources: Sequence[Source], now: datetime, language: Language,
) -> Recommendation | None:  # fmt: skip
    codes = [code for fact in facts if fact.kind == "problem" for code in fact.codes]
    patient = Patient(
        chart.summary.id,
        person.age,
        person.sex,
        tuple(dict.fromkeys(codes)),
        tuple(known_of(one) for one in facts if one.kind in ("problem", "medicine")),
        tuple(known_of(one) for one in found.unmatched if one.kind == "problem"),
    )
    return recommend(
        assistant,
        patient,
        sources,
        [(one.resource, one.versioned) for one in chart.of(*READ_TYPES)],
        lambda words: not fits(words, person)[1],
        now.date(),
        language,
    )


def _others(applying: Sequence[Applying], made: Recommendation | None) -> tuple[Applying, ...]:
    """What may apply and is not quoted, the nearest first."""
    quoted = {
        (one.point.source.version, one.point.source.start) for one in (made.chosen if made else ())
    }
    return tuple(
        one
        for one in applying
        if (one.found.hit.passage.version, one.found.hit.passage.start) not in quoted
    )[:FURTHER]


def _unmatched(found: Gathered, made: Recommendation | None) -> tuple[Fact, ...]:
    """A medicine whose class a quoted sentence names has something after all."""
    used = {fact.reference for one in (made.chosen if made else ()) for fact in one.facts}
    return tuple(one for one in found.unmatched if one.reference not in used)


def _read(chart: PatientChart, now: datetime) -> tuple[list[Fact], Person]:
    facts = facts_of((one.resource, one.versioned) for one in chart.of(*READ_TYPES))
    people = chart.of("Patient")
    return facts, person_of(people[0].resource if people else {}, facts, now.date())
