"""From what the library found to what may be quoted: the collection, the language, the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from countersign.ground.library import Applying, Fact, Found, about_a_problem
from countersign.rooms.assistant.domain import Assistant, Known, Source


def held(assistant: Assistant, found: Iterable[Found]) -> Iterator[Found]:
    """Those that stand in a document of the assistant's collection."""
    for one in found:
        card = one.document.card
        if assistant.draws_on.holds(one.document.id, card.home, card.topic, card.icd10):
            yield one


def bears(one: Applying) -> bool:
    """Whether a recommendation may quote this passage.

    A document on another disease than the patient's says nothing for this patient, however near
    its words are: what is written on cancer of the prostate is not for everybody with a high PSA.
    What is about a finding (ICD-10 chapter R) is quoted where a result brought it.
    """
    codes = one.found.document.card.icd10
    kinds = {fact.kind for fact in one.facts}
    if one.disease:
        return True
    if any(code.startswith("R") for code in codes):
        return "result" in kinds
    return not codes and bool(kinds & {"problem", "result", "pregnancy"})


def known_of(fact: Fact) -> Known:
    """The fact with the words by which documents may name it."""
    words = (fact.question, fact.english, fact.label)
    kept = tuple(dict.fromkeys(one for one in words if len(one) > 1))
    return Known(fact.kind, fact.words, fact.reference, kept)


def source_of(one: Applying, facts: Sequence[Fact], sha256: str) -> Source:
    """The passage as it may be quoted; ``sha256`` is that of its version's text."""
    passage, document = one.found.hit.passage, one.found.document
    card = document.card
    about = [fact for fact in facts if about_a_problem(card.title, card.icd10, [fact])]
    brought = [fact for fact in one.facts if fact.kind in ("problem", "pregnancy")]
    return Source(
        document=document.id,
        version=passage.version,
        sha256=sha256,
        start=passage.start,
        text=passage.text,
        title=card.title,
        headings=passage.headings,
        language=card.language,
        reviewed=document.reviewed,
        spans=one.found.hit.spans,
        because=tuple(known_of(fact) for fact in about or brought),
        results=frozenset(fact.reference for fact in one.facts if fact.kind == "result"),
    )
