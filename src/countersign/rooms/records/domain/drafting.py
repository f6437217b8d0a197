"""Puts facts into the sections of a record kind; lists what is missing and invents nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from countersign.kit.words import Language

from . import chinese, english
from .fact import Fact, Kind, Status
from .kinds import RecordKind, Section
from .sentence import Sentence


@dataclass(frozen=True, slots=True)
class Drafted:
    """One section as drafted; ``sentences`` are empty where no fact says anything of it."""

    section: Section
    sentences: tuple[Sentence, ...]

    def text(self, language: Language) -> str:
        """The section as one paragraph."""
        return joined(self.sentences, language)


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole record. ``unplaced`` are facts that no section of this kind takes; ``unsure`` those
    that the source leaves open, for the writer to decide.
    """

    kind: RecordKind
    language: Language
    sections: tuple[Drafted, ...]
    unplaced: tuple[Fact, ...] = ()
    unsure: tuple[Fact, ...] = ()

    @property
    def missing(self) -> tuple[Section, ...]:
        """Required sections that nothing was said for."""
        return tuple(
            one.section for one in self.sections if one.section.required and not one.sentences
        )


def joined(sentences: Sequence[Sentence], language: Language) -> str:
    """Sentences as a paragraph, with the language's own stops."""
    if language == "en":
        return " ".join(
            one.text if one.text.endswith((".", "!", "?")) else f"{one.text}." for one in sentences
        )
    return "".join(f"{one.text.rstrip('。')}。" for one in sentences)


def draft(
    kind: RecordKind, facts: Sequence[Fact], language: Language, child: bool = False
) -> Draft:
    """The record that these facts make. Every fact is rendered, left open, or unplaced."""
    sections = tuple(
        Drafted(section, tuple(_rendered(section, kind, facts, language, child)))
        for section in kind.sections
    )
    said = {fact for one in sections for sentence in one.sentences for fact in sentence.facts}
    left = [fact for fact in facts if fact not in said]
    names = {fact.name for fact in said if fact.name}
    open_ = tuple(fact for fact in left if _is_open(fact) and fact.name not in names)
    return Draft(kind, language, sections, tuple(f for f in left if not _is_open(f)), open_)


def _is_open(fact: Fact) -> bool:
    return fact.status is Status.UNSURE or fact.section == "none"


def _rendered(
    section: Section, kind: RecordKind, facts: Sequence[Fact], language: Language, child: bool
) -> list[Sentence]:
    """What was written for this very section goes first, word for word."""
    own = [one for one in facts if one.section == section.id and one.kind is Kind.NOTE]
    pointed = {one.id for one in kind.sections}
    given = [
        one
        for one in facts
        if one.kind in section.takes
        and one.kind is not Kind.NOTE
        and (
            one.kind is Kind.SYMPTOM
            or one.section in ("", section.id)
            or one.section not in pointed
        )
    ]
    notes = (chinese if language == "zh" else english).plain(own, Kind.NOTE)
    return [*notes, *_by_facts(section, given, language, child)]


def _by_facts(
    section: Section, facts: Sequence[Fact], language: Language, child: bool
) -> list[Sentence]:
    way = chinese if language == "zh" else english
    if section.render == "chief":
        return way.chief(facts)
    if section.render == "present":
        who = ("患儿" if child else "患者") if language == "zh" else "The patient"
        rest = [one for one in section.takes if one not in (*_TOLD, Kind.HISTORY)]
        return [
            *way.present_illness(facts, who),
            *(way.history(facts) if Kind.HISTORY in section.takes else ()),
            *way.plain(facts, *rest),
        ]
    if section.render == "history":
        return [*way.history(facts), *way.allergies(facts)]
    if section.render == "diagnosis":
        return chinese.diagnoses(facts, child) if language == "zh" else english.diagnoses(facts)
    if section.render == "treatment":
        return way.treatment(facts)
    return way.plain(facts, *section.takes)


_TOLD = (Kind.SYMPTOM, Kind.ONSET, Kind.COURSE, Kind.MEDICINE)


def rendered(
    section: Section, kind: RecordKind, facts: Sequence[Fact], language: Language
) -> list[Sentence]:
    """The template's sentences for these facts in this section."""
    return _rendered(section, kind, facts, language, child=False)


def with_sections(made: Draft, sections: Sequence[Drafted]) -> Draft:
    """The same draft with other sections."""
    return replace(made, sections=tuple(sections))


def shortened(drafted: Drafted, sentences: Sequence[Sentence]) -> Drafted:
    """The same section with other sentences, such as a language model's."""
    return replace(drafted, sentences=tuple(sentences))
