"""Passages that the facts of a chart brought, without those that merely mention a medicine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from countersign.ground.library.finding import Answer, Found
from countersign.kit.words import Words

from .facts import Fact, Person
from .fitting import about_a_medicine, about_a_problem, fits, names_a_problem, of_the_text


@dataclass(frozen=True, slots=True)
class Applying:
    """A passage with the facts that made it apply, and what speaks for and against it.

    ``disease`` is whether its document is about one of the patient's problems.
    """

    found: Found
    facts: tuple[Fact, ...]
    good: tuple[Words, ...]
    bad: tuple[Words, ...]
    disease: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """``unmatched`` are facts for which nothing is shown; ``mentions`` counts passages on other
    diseases that only mention a medicine of the patient, which are left out.
    """

    applying: tuple[Applying, ...]
    unmatched: tuple[Fact, ...]
    mentions: int


def gathered(facts: Sequence[Fact], answers: Iterable[Answer], person: Person) -> Gathered:
    """Passages with all the facts that brought them, those with the most facts first.

    ``answers`` are those to the facts' questions, in their order. What a medicine alone brings
    must be about the medicine, about one of the problems, or name one: amlodipine is mentioned
    in texts on many diseases, and this patient has one of them.
    """
    passages: dict[str, tuple[Found, list[Fact], int]] = {}
    for fact, answer in zip(facts, answers, strict=True):
        for rank, one in enumerate(_support(answer, fact)):
            known = passages.setdefault(one.hit.passage.id, (one, [], rank))
            known[1].append(fact)
    kept = [row for row in passages.values() if _agrees(row[0], row[1], facts)]
    shown = {fact for _, brought, _ in kept for fact in brought}
    rows = [
        (*_weight(one, brought), rank, order, one)
        for order, (one, brought, rank) in enumerate(
            (_applying(found, brought, facts, person), brought, rank)
            for found, brought, rank in kept
        )
    ]
    return Gathered(
        tuple(row[-1] for row in sorted(rows, key=lambda row: row[:-1])),
        tuple(fact for fact in facts if fact not in shown),
        len(passages) - len(kept),
    )


def _support(answer: Answer, fact: Fact) -> list[Found]:
    """What speaks of the fact; also what came near in a document about this very problem."""
    near = [
        one
        for one in answer.near
        if about_a_problem(one.document.card.title, one.document.card.icd10, [fact])
    ]
    return [one for one in (*answer.support, *near) if not of_the_text(one.hit.passage.headings)]


def _agrees(found: Found, brought: Sequence[Fact], facts: Sequence[Fact]) -> bool:
    if any(fact.kind != "medicine" for fact in brought):
        return True
    card, passage = found.document.card, found.hit.passage
    return (
        about_a_problem(card.title, card.icd10, facts)
        or names_a_problem(passage.text, facts)
        or about_a_medicine(card.title, passage.headings, brought)
    )


def _applying(
    found: Found, brought: Sequence[Fact], facts: Sequence[Fact], person: Person
) -> Applying:
    card, passage = found.document.card, found.hit.passage
    good, bad = fits(" ".join((card.title, *passage.headings, passage.text)), person)
    disease = about_a_problem(card.title, card.icd10, facts)
    return Applying(found, tuple(brought), tuple(good), tuple(bad), disease)


def _weight(one: Applying, brought: Sequence[Fact]) -> tuple[int]:
    return (len(one.bad) - len(one.good) - len(brought) - one.disease,)
