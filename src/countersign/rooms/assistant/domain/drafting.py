"""Puts a recommendation together from quoted sentences and a patient's facts, by rules alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

from . import phrases
from .assistant import Assistant
from .differing import Differing, differing
from .measuring import Missing, measured
from .naming import of_another_age
from .points import Known, Source
from .selecting import Chosen, Part, choose


@dataclass(frozen=True, slots=True)
class Patient:
    """``age`` in completed years, None where the chart does not say; ``sex`` as FHIR says it.

    ``problems`` are the ICD-10 codes of what is active; ``knowns`` problems and medicines;
    ``unmatched`` are facts for which no document of the collection says anything.
    """

    id: str
    age: int | None
    sex: str
    problems: tuple[str, ...]
    knowns: tuple[Known, ...]
    unmatched: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Everything that a draft says and rests on; ``key`` is equal for equal facts and passages."""

    title: Words
    text: Words
    rationale: Words
    parts: tuple[Part, ...]
    knowns: tuple[Known, ...]
    missing: tuple[Missing, ...]
    differing: tuple[Differing, ...]
    limits: tuple[Words, ...]
    alternatives: tuple[Words, ...]
    problems: tuple[str, ...]
    inputs: tuple[str, ...]
    key: str

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """Every quoted sentence in the order of its number."""
        return tuple(one for part in self.parts for one in part.chosen)


def recommend(
    assistant: Assistant,
    patient: Patient,
    sources: Sequence[Source],
    resources: Sequence[tuple[JSON, str]],
    fits: Callable[[str], bool],
    today: date,
    language: Language,
) -> Recommendation | None:
    """The recommendation for one patient; None where no passage supports one.

    ``resources`` are the chart as pairs of resource and versioned reference. No text is made up:
    what is not quoted names the patient's facts or says what is missing.
    """
    results, missing = measured(assistant, resources, patient.problems, today)
    knowns = (*with_classes(assistant, patient.knowns), *results)

    def speaks_of_such(words: str) -> bool:
        return fits(words) and not of_another_age(words, patient.age)

    parts = choose(assistant, sources, knowns, speaks_of_such)
    if not parts:
        return None
    chosen = [one for part in parts for one in part.chosen]
    used = {fact.reference for one in chosen for fact in one.facts}
    shown = tuple(one for one in knowns if one.kind != "medicine" or one.reference in used)
    apart = tuple(differing(chosen))
    about = [one for one in knowns if one.kind == "problem" and one.reference in used]
    return Recommendation(
        title=phrases.title(assistant, about),
        text=phrases.text(patient.age, patient.sex, shown, parts, missing, apart),
        rationale=phrases.rationale(assistant),
        parts=parts,
        knowns=shown,
        missing=tuple(missing),
        differing=apart,
        limits=phrases.limits(chosen, missing, patient.unmatched, language),
        alternatives=tuple(phrases.apart(one) for one in apart),
        problems=tuple(dict.fromkeys(one.reference for one in about)),
        inputs=tuple(sorted({one.reference for one in (*shown, *patient.knowns)} | used)),
        key=_key(assistant, shown, chosen),
    )


def with_classes(assistant: Assistant, knowns: Sequence[Known]) -> list[Known]:
    """Medicines with the words by which documents name their class."""
    return [_classed(assistant, one) if one.kind == "medicine" else one for one in knowns]


def _classed(assistant: Assistant, one: Known) -> Known:
    said = " ".join((one.label.en, one.label.zh, *one.words)).lower()
    classes = [
        known
        for known in assistant.classes
        if any(name.lower() in said for name in known.medicines)
    ]
    if not classes:
        return one
    label = Words(
        f"{one.label.en} ({', '.join(known.name.en for known in classes)})",
        f"{one.label.zh}（{'、'.join(known.name.zh for known in classes)}）",
    )
    words = (*one.words, *(word for known in classes for word in known.words))
    return Known(one.kind, label, one.reference, words)


def _key(assistant: Assistant, knowns: Sequence[Known], chosen: Sequence[Chosen]) -> str:
    """Depends on versions and places alone, not on their order or on the day."""
    places = sorted("\t".join(map(str, one.point.place)) for one in chosen)
    references = sorted({one.reference for one in knowns})
    return sha256("\n".join((assistant.id, *references, *places)).encode()).hexdigest()
