"""Lets a language model word the sections, and keeps of it only what the facts bear out."""

from __future__ import annotations

from collections.abc import Sequence
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
_GIVES_UP = (NoLanguageModel, ModelsAway, BudgetSpent, AIStopped)
_STATUS = {Status.PRESENT: "present", Status.ABSENT: "denied", Status.UNSURE: "unsure"}


def worded(
    made: Draft,
    asking: Asking,
    reader: Reader,
    by: Principal,
    patient: str,
    inputs: tuple[str, ...],
) -> tuple[Draft, str]:
    """The draft in a model's words where these hold, and the model's name; the templates' alone
    and an empty name where no model answers.
    """
    if asking.ready(Work.RECORD) is None:
        return made, ""
    sections: list[Drafted] = []
    name = ""
    for one in made.sections:
        facts = tuple(dict.fromkeys(fact for s in one.sentences for fact in s.facts))
        if len(facts) < 2 or one.section.render in ("plain", "diagnosis", "chief"):
            sections.append(one)
            continue
        asked = Asked(
            PROMPT,
            {
                "language": {"zh": "Chinese", "en": "English"}[made.language],
                "section": one.section.title.zh if made.language == "zh" else one.section.title.en,
                "facts": "\n".join(
                    _line(n, fact, made.language) for n, fact in enumerate(facts, 1)
                ),
            },
            by,
            inputs,
            patient,
            seconds=SECONDS,
        )
        try:
            said = asking.ask(asked)
        except _GIVES_UP:
            return made, ""
        sentences = _kept(said.value, facts, reader)
        sections.append(_whole(made, one, facts, sentences))
        name = said.model.label
    return with_sections(made, sections), name


def _line(number: int, fact: Fact, language: Language) -> str:
    value = fact.english or fact.value if language == "en" else fact.value
    return f"{number}. [{fact.kind}, {_STATUS[fact.status]}] {value}"


def _kept(value: Any, facts: Sequence[Fact], reader: Reader) -> list[Sentence]:
    """Sentences of the answer that say what their facts say, each fact once."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    kept: list[Sentence] = []
    used: set[int] = set()
    for one in cast("list[dict[str, Any]]", given.get("sentences", [])):
        numbers = [n for n in one.get("facts", []) if isinstance(n, int) and 0 < n <= len(facts)]
        own = tuple(facts[n - 1] for n in numbers)
        text = str(one.get("text", "")).strip()
        if own and not used & set(numbers) and judged(text, own, reader.symptoms).holds:
            kept.append(Sentence(text, own, by="model"))
            used |= set(numbers)
    return kept


def _whole(
    made: Draft, one: Drafted, facts: Sequence[Fact], sentences: Sequence[Sentence]
) -> Drafted:
    """What the model's sentences leave out, the template says."""
    said = {fact for sentence in sentences for fact in sentence.facts}
    rest = [fact for fact in facts if fact not in said]
    if not sentences:
        return one
    return shortened(one, [*sentences, *rendered(one.section, made.kind, rest, made.language)])
