"""Reads findings from what somebody wrote or said, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from countersign.ground.reasoning.finding import Finding, Place, Status
from countersign.kit.words import Language, Words

from .decoys import decoys
from .matching import Phrases
from .scope import Reading, Span, readings, rules_of
from .turns import Turn, Voice, sentences_of, turns_of
from .units import even, is_chinese, units_of
from .vocabulary import LIMIT, Extra, Vocabulary

TEXT = "text"
"""The source of a place in words that somebody just wrote."""


@dataclass(frozen=True, slots=True)
class _Mention:
    term: str
    start: int
    end: int
    denied: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """Findings that a physician asked for; the next answer decides."""

    findings: tuple[Finding, ...]
    chinese: bool


class Recogniser:
    """Reads texts; made once, as the vocabulary takes a moment, and used by any thread."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._phrases = Phrases([*vocabulary.phrases(), *((one, "") for one in decoys())])

    @classmethod
    def open(cls, extra: Iterable[Extra] = ()) -> Recogniser:
        """With the shipped vocabulary and further labels, such as an ontology's or a hospital's."""
        return cls(Vocabulary(extra))

    def label(self, term: str) -> Words | None:
        """What the term is called; None where it is not known."""
        return self._vocabulary.label(term)

    def lookup(self, said: str, language: Language, limit: int = LIMIT) -> list[tuple[str, str]]:
        """Terms for a picker, (term, label): named as typed, then beginning so, then holding it."""
        return self._vocabulary.lookup(said, language, limit)

    def terms(self) -> Mapping[str, Words]:
        """All that can be recognised, with their labels."""
        return self._vocabulary.terms()

    def read(
        self, text: str, language: Language | None = None, source: str = TEXT
    ) -> tuple[Finding, ...]:
        """Findings in the order of their places, none over another.

        Without ``language`` each sentence is read by the language it is mostly written in. In a
        conversation (lines that begin with who speaks) what staff ask becomes a finding by the
        answer; what is only asked, or said of nobody, is left out.
        """
        mentions = self._mentions(text)
        found: list[Finding] = []
        asked: _Asked | None = None
        for turn in turns_of(text):
            if turn.voice is Voice.PATIENT and asked is not None:
                found += _answered(asked, text, turn, mentions)
            stated, questions = self._turn(text, turn, mentions, language, source)
            found += stated
            if turn.voice is Voice.STAFF:
                asked = _Asked(tuple(questions), _chinese(text[turn.start : turn.end], language))
            else:
                asked = None
        return tuple(sorted(found, key=lambda one: one.place.start if one.place else 0))

    def _mentions(self, text: str) -> list[_Mention]:
        units = units_of(text)
        return [
            _Mention(match.term, units[match.first].start, units[match.last - 1].end, match.denied)
            for match in self._phrases.find(units)
        ]

    def _turn(
        self,
        text: str,
        turn: Turn,
        mentions: Sequence[_Mention],
        language: Language | None,
        source: str,
    ) -> tuple[list[Finding], list[Finding]]:
        """What the turn states, and what it only asks."""
        stated: list[Finding] = []
        asked: list[Finding] = []
        for start, end in sentences_of(text, turn.start, turn.end):
            here = [one for one in mentions if start <= one.start and one.end <= end]
            if not here:
                continue
            sentence = even(text[start:end])
            chinese = _chinese(sentence, language)
            spans = [Span(one.start - start, one.end - start, one.denied) for one in here]
            question = turn.voice is Voice.STAFF and rules_of(chinese).asks.search(sentence)
            for one, reading in zip(here, readings(sentence, spans, chinese), strict=True):
                finding = self._finding(one, reading, source)
                if question:
                    asked.append(finding)
                elif reading.real:
                    stated.append(finding)
        return stated, asked

    def _finding(self, mention: _Mention, reading: Reading, source: str) -> Finding:
        past = reading.past and not self._vocabulary.lasting(mention.term)
        place = Place(source, mention.start, mention.end)
        return Finding(mention.term, reading.status, reading.holder, past, place)


def _answered(asked: _Asked, text: str, turn: Turn, mentions: Sequence[_Mention]) -> list[Finding]:
    """What was asked, as far as a short answer decides it and the answer does not name it."""
    said = text[turn.start : turn.end]
    named = {one.term for one in mentions if turn.start <= one.start < turn.end}
    rules = rules_of(asked.chinese)
    if rules.no.match(said):
        status = Status.ABSENT
    elif rules.yes.match(said) and not named and len(asked.findings) == 1:
        status = Status.PRESENT
    else:
        return []
    return [replace(one, status=status) for one in asked.findings if one.term not in named]


def _chinese(text: str, language: Language | None) -> bool:
    return is_chinese(text) if language is None else language == "zh"
