"""Lets a language model word the sections, and keeps of it only what the facts bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from countersign.ground.identity import Principal
from countersign.ground.models import (
    AIStopped,
    Asked,
    Asking,
    BudgetSpent,
    ModelsAway,
    NoLanguageModel,
    Work,
)
from countersign.ground.signoff import Manuscript
from countersign.kit.words import Language
from countersign.rooms.records.domain.checking import judged
from countersign.rooms.records.domain.drafting import (
    Draft,
    Drafted,
    rendered,
    shortened,
    with_sections,
)
from countersign.rooms.records.domain.fact import Fact, Status
from countersign.rooms.records.domain.hearing import Reader
from countersign.rooms.records.domain.sentence import Sentence
from countersign.rooms.records.inference import PROMPT

SECONDS = 20.0
GIVES_UP = (NoLanguageModel, ModelsAway, BudgetSpent, AIStopped)
_STATUS = {Status.PRESENT: "present", Status.ABSENT: "denied", Status.UNSURE: "unsure"}


@dataclass(frozen=True, slots=True)
class Way:
    """Who asks, of which record, and by whose words a sentence is checked."""

    asking: Asking
    reader: Reader
    by: Principal
    written: Manuscript

    def asked(self, made: Draft, one: Drafted, facts: Sequence[Fact]) -> Asked:
        """The request for one section."""
        values = {
            "language": {"zh": "Chinese", "en": "English"}[made.language],
            "section": one.section.title.zh if made.language == "zh" else one.section.title.en,
            "facts": "\n".join(_line(n, fact, made.language) for n, fact in enumerate(facts, 1)),
        }
        inputs = (f"record {self.written.id} version {self.written.number}",)
        return Asked(PROMPT, values, self.by, inputs, self.written.patient, seconds=SECONDS)


def facts_of(one: Drafted) -> tuple[Fact, ...]:
    """The facts that a model may word in this section; none where templates say it best."""
    facts = tuple(dict.fromkeys(fact for s in one.sentences for fact in s.facts))
    plain = len(facts) < 2 or one.section.render in ("plain", "diagnosis", "chief")
    return () if plain else facts


def worded(made: Draft, way: Way) -> tuple[Draft, str]:
    """The draft in a model's words where these hold, and the model's name; the templates' alone
    and an empty name where no model answers.
    """
    if way.asking.ready(Work.RECORD) is None:
        return made, ""
    sections: list[Drafted] = []
    name = ""
    for one in made.sections:
        facts = facts_of(one)
        if not facts:
            sections.append(one)
            continue
        try:
            said = way.asking.ask(way.asked(made, one, facts))
        except GIVES_UP:
            return made, ""
        sections.append(whole(made, one, facts, kept(said.value, facts, way.reader)))
        name = said.model.label
    return with_sections(made, sections), name


def _line(number: int, fact: Fact, language: Language) -> str:
    value = fact.english or fact.value if language == "en" else fact.value
    return f"{number}. [{fact.kind}, {_STATUS[fact.status]}] {value}"


def kept(value: Any, facts: Sequence[Fact], reader: Reader) -> list[Sentence]:
    """Sentences of the answer that say what their facts say, each fact once."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    checked = Checked(facts, reader)
    found = [checked.next(one) for one in cast("list[Any]", given.get("sentences", []))]
    return [one for one in found if one is not None]


class Checked:
    """Sentences of one section as they come, each held against its facts; each fact once."""

    def __init__(self, facts: Sequence[Fact], reader: Reader) -> None:
        self._facts = facts
        self._reader = reader
        self._used: set[int] = set()

    def next(self, given: Any) -> Sentence | None:
        """The sentence where it says what its facts say, else None."""
        one = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        named = cast("list[Any]", one.get("facts") or [])
        numbers = [n for n in named if isinstance(n, int) and 0 < n <= len(self._facts)]
        own = tuple(self._facts[n - 1] for n in numbers)
        text = str(one.get("text", "")).strip()
        if not own or self._used & set(numbers):
            return None
        if not judged(text, own, self._reader.symptoms).holds:
            return None
        self._used |= set(numbers)
        return Sentence(text, own, by="model")


def whole(
    made: Draft, one: Drafted, facts: Sequence[Fact], sentences: Sequence[Sentence]
) -> Drafted:
    """What the model's sentences leave out, the template says."""
    said = {fact for sentence in sentences for fact in sentence.facts}
    rest = [fact for fact in facts if fact not in said]
    if not sentences:
        return one
    return shortened(one, [*sentences, *rendered(one.section, made.kind, rest, made.language)])
