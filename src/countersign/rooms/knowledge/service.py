"""What curators and physicians do with the hospital's knowledge, under their own names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from countersign.ground.chart import Chart, PatientSummary
from countersign.ground.identity import Facts, Principal
from countersign.ground.library import (
    LIBRARIAN,
    Answer,
    Applying,
    Card,
    Found,
    Gathered,
    Library,
    Person,
    Shelved,
    Writing,
    Written,
    facts_of,
    gathered,
    in_one_language,
    person_of,
    question_of,
)
from countersign.ground.models import Asking, Ready
from countersign.ground.signoff import AlreadyRecalled, Signoff, document_node
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language

from .domain.differences import Difference, differences, pairs
from .inference import ANSWER

SOON = timedelta(days=60)
"""Before its end a document is listed among those that expire."""

READ_TYPES = ("Condition", "Observation", "MedicationRequest", "MedicationStatement")
FOUND = 10
"""Passages that one question brings."""
NEAREST = 3
"""Passages that one fact of a chart brings."""


@dataclass(frozen=True, slots=True)
class ForPatient:
    """What applies to one patient, and what was looked through for it."""

    patient: PatientSummary
    person: Person
    gathered: Gathered
    applying: tuple[Applying, ...]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Differing:
    """Two documents about the same thing that name different numbers."""

    first: Shelved
    second: Shelved
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the shelf: ``opened`` times in ninety days."""

    document: Shelved
    opened: int
    marks: frozenset[str]


class NothingToQuote(CountersignError):
    code = "knowledge.nothing_to_quote"
    status = 409
    message = "No passage speaks of this, so there is nothing to word. Ask in other words."


class Wording:
    """Answers in words, from what the search found."""

    def __init__(self, library: Library, gateway: Asking) -> None:
        self._library = library
        self._writing = Writing(gateway, ANSWER, library.consulting)

    def ready(self) -> Ready | None:
        """The language model that would word an answer; None where there is none."""
        return self._writing.ready()

    def write(self, principal: Principal, question: str) -> Written:
        """The answer to a question from the passages of the same search.

        Raises Forbidden, NothingToQuote, and what asking a language model raises.
        """
        question = " ".join(question.split())
        answer = self._library.finding.ask_all(principal, [question], FOUND)[0]
        if not answer.support:
            raise NothingToQuote
        return self._writing.write(principal, question, answer.support)


class Knowledge:
    """The use cases of this room."""

    def __init__(self, library: Library, signoff: Signoff, chart: Chart, clock: Clock) -> None:
        self._library = library
        self._signoff = signoff
        self._chart = chart
        self._clock = clock

    def shelf(self, principal: Principal, today: date) -> list[Listed]:
        """Every document that the principal keeps, with what should be done about it."""
        keeping = self._library.keeping
        opened, waiting = keeping.opened(principal), keeping.waiting(principal)
        listed: list[Listed] = []
        for one in keeping.documents(principal):
            times = opened.get(one.id, 0)
            marks = _marks(one, times, today)
            if one.id in waiting:
                marks |= {"waiting"}
            listed.append(Listed(one, times, marks))
        return listed

    def withdraw(self, principal: Principal, document: str, reason: str) -> None:
        """Takes a document away from readers and recalls every version that they were shown."""
        card = self._library.keeping.one(principal, document).card
        for version in self._library.keeping.withdraw(principal, document, reason):
            self._recall(principal, document, version, card.home, reason)

    def recall_withdrawn(self) -> int:
        """Recalls what a breakdown left behind; returns how many versions that were."""
        done = 0
        for one in self._library.keeping.documents(LIBRARIAN, "withdrawn"):
            for version in self._library.keeping.versions(LIBRARIAN, one.id):
                if version.shown:
                    reason = "The document was withdrawn. 文档已撤回。"
                    done += self._recall(LIBRARIAN, one.id, version.id, one.card.home, reason)
        return done

    def for_patient(
        self, principal: Principal, patient: str, today: date, language: Language
    ) -> ForPatient:
        """What applies to a patient whose chart the principal may open, in the reader's language
        where documents on the same topic are there in two. Raises Forbidden."""
        chart = self._chart.reader(principal).open(patient)
        resources = [(one.resource, one.versioned) for one in chart.of(*READ_TYPES)]
        facts = facts_of(resources)
        people = chart.of("Patient")
        person = person_of(people[0].resource if people else {}, facts, today)
        asked = [dict.fromkeys((question_of(one, language), one.question)) for one in facts]
        questions = [question for ways in asked for question in ways]
        answers = iter(self._library.finding.ask_all(principal, questions, NEAREST, patient))
        together = [_together([next(answers) for _ in ways]) for ways in asked]
        found = gathered(facts, together, person)
        applying = tuple(in_one_language(found.applying, language))
        return ForPatient(chart.summary, person, found, applying, together[0] if together else None)

    def contradictions(self, principal: Principal) -> list[Differing]:
        """Pairs of published documents about the same thing with different numbers in them."""
        published = {
            one.id: one
            for one in self._library.keeping.documents(principal)
            if one.state == "published" and one.version
        }
        groups: dict[tuple[str, str], list[str]] = {}
        for one in published.values():
            for key in {*one.card.icd10, *([one.card.topic] if one.card.topic else [])}:
                groups.setdefault((key, one.card.language), []).append(one.id)
        found: list[Differing] = []
        for first, second in pairs(groups.values()):
            texts = [
                self._library.keeping.text(principal, str(published[name].version)).understood.text
                for name in (first, second)
            ]
            if differing := differences(*texts):
                found.append(Differing(published[first], published[second], tuple(differing)))
        return found

    def _recall(
        self, principal: Principal, document: str, version: str, home: str, reason: str
    ) -> int:
        facts = Facts("document", None, departments=frozenset({home}))
        node = document_node(document, version)
        try:
            self._signoff.recalls.withdrawn(principal, facts, node, reason)
        except AlreadyRecalled:
            return 0
        return 1


def _together(answers: Sequence[Answer]) -> Answer:
    """What one fact brought, however it was worded; each passage once."""
    support = {one.hit.passage.id: one for answer in answers for one in answer.support}
    near = {one.hit.passage.id: one for answer in answers for one in answer.near}
    others = (one for key, one in near.items() if key not in support)
    return replace(answers[0], support=tuple(support.values()), near=tuple(others))


def described(card: Card, **changes: object) -> Card:
    """A card with what a form says. Raises BadDocument for what no card can hold."""
    return replace(card, **changes).checked()  # type: ignore[arg-type]


def conflicts(found: Sequence[Found]) -> list[tuple[Found, Found, tuple[Difference, ...]]]:
    """Passages of an answer, of different documents, that name different numbers."""
    pairs_found: list[tuple[Found, Found, tuple[Difference, ...]]] = []
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            if one.document.id == other.document.id:
                continue
            if one.document.card.language != other.document.card.language:
                continue
            differing = differences(one.hit.passage.text, other.hit.passage.text)
            if differing:
                pairs_found.append((one, other, tuple(differing)))
    return pairs_found


def _marks(one: Shelved, opened: int, today: date) -> frozenset[str]:
    marks: set[str] = set()
    card = one.card
    if one.state == "draft":
        marks.add("draft")
    if one.state == "published":
        if card.valid_until and card.valid_until <= today + SOON:
            marks.add("expiring")
        if not one.reviewed:
            marks.add("unreviewed")
        elif card.review_due and card.review_due <= today + SOON:
            marks.add("review-due")
        if not opened:
            marks.add("unread")
    if one.state in ("withdrawn", "expired"):
        marks.add("gone")
    return frozenset(marks)
