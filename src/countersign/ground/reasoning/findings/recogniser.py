"""Reads findings from what somebody wrote or said, in Chinese and in English."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from countersign.ground.reasoning.finding import Finding, Place, Status
from countersign.kit.elements import has_chinese
from countersign.kit.words import Language, Words

from .decoys import decoys
from .matching import Phrases
from .scope import Reading, Span, readings, rules_of
from .tagger import Tagger
from .turns import Turn, Voice, sentences_of, turns_of
from .units import even, is_chinese, units_of
from .vocabulary import LIMIT, Extra, Vocabulary

TEXT = "text"
"""The source of a place in words that somebody just wrote."""

FINDING = "finding"
"""The kind of span that a tagger marks for a sign or symptom."""

_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class _Mention:
    term: str
    start: int
    end: int
    denied: bool


class Recogniser:
    """Reads texts; made once, as the vocabulary takes a moment, and used by any thread."""

    def __init__(self, vocabulary: Vocabulary, tagger: Tagger | None = None) -> None:
        self._vocabulary = vocabulary
        self._tagger = tagger
        self._phrases = Phrases([*vocabulary.phrases(), *((one, "") for one in decoys())])

    @classmethod
    def open(cls, extra: Iterable[Extra] = (), tagger: Tagger | None = None) -> Recogniser:
        """With the shipped vocabulary and further labels, such as an ontology's or a hospital's.

        A ``tagger`` adds what it finds in Chinese and no vocabulary names, as ``local:`` and the
        words themselves, for a person to give it a term.
        """
        return cls(Vocabulary(extra), tagger)

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
        if not mentions:
            return ()
        starts = [one.start for one in mentions]
        text = even(text)
        found: list[Finding] = []
        asked: list[Finding] = []
        for voice, turns in groupby(turns_of(text), key=lambda turn: turn.voice):
            block = list(turns)
            if voice is Voice.PATIENT and asked:
                found += _answered(asked, text, block, mentions, language)
            asked = []
            for turn in block:
                stated, questions = self._turn(
                    text, turn, _between(mentions, starts, turn.start, turn.end), language, source
                )
                found += stated
                asked = questions or asked
        return tuple(sorted(found, key=lambda one: one.place.start if one.place else 0))

    def named(self, text: str, source: str = TEXT) -> tuple[Finding, ...]:
        """Everything that the text names, as if it were there: what no rule has looked at."""
        return tuple(
            Finding(one.term, place=Place(source, one.start, one.end)) for one in self._named(text)
        )

    def known(self, text: str) -> NDArray[np.uint64]:
        """For each sign 1 where a phrase of the vocabulary begins, 2 inside one, else 0."""
        return _known(text, self._named(text))

    def _mentions(self, text: str) -> list[_Mention]:
        named = self._named(text)
        if self._tagger is None or not has_chinese(text):
            return named
        known = _known(text, named)
        pieces = list(sentences_of(even(text), 0, len(text)))
        beyond = [
            _Mention(f"local:{text[tag.start : tag.end]}", tag.start, tag.end, False)
            for tag in self._tagger.tags(text, known, pieces)
            if tag.kind == FINDING
            and tag.end - tag.start >= _SHORTEST
            and not known[tag.start : tag.end].any()
            and has_chinese(text[tag.start : tag.end])
        ]
        return sorted([*named, *beyond], key=lambda one: one.start)

    def _named(self, text: str) -> list[_Mention]:
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
        for start, end in sentences_of(text, turn.start, turn.end) if mentions else ():
            here = [one for one in mentions if start <= one.start and one.end <= end]
            if not here:
                continue
            sentence = text[start:end]
            chinese = _chinese(sentence, language)
            spans = [Span(one.start - start, one.end - start, one.denied) for one in here]
            rules = rules_of(chinese)
            staff = turn.voice is Voice.STAFF
            question = staff and rules.asks.search(sentence)
            view = staff and rules.opines.search(sentence)
            for one, reading in zip(here, readings(sentence, spans, chinese), strict=True):
                finding = self._finding(one, reading, source)
                if view and finding.status is Status.PRESENT:
                    finding = replace(finding, status=Status.UNCERTAIN)
                if question:
                    asked.append(finding)
                elif reading.real:
                    stated.append(finding)
        return stated, asked

    def _finding(self, mention: _Mention, reading: Reading, source: str) -> Finding:
        past = reading.past and not self._vocabulary.lasting(mention.term)
        place = Place(source, mention.start, mention.end)
        return Finding(mention.term, reading.status, reading.holder, past, place)


def _between(
    mentions: Sequence[_Mention], starts: Sequence[int], low: int, high: int
) -> Sequence[_Mention]:
    return mentions[bisect_left(starts, low) : bisect_left(starts, high)]


def _known(text: str, mentions: Sequence[_Mention]) -> NDArray[np.uint64]:
    places = np.zeros(len(text), dtype=np.uint64)
    for one in mentions:
        places[one.start : one.end] = 2
        places[one.start] = 1
    return places


def _answered(
    asked: Sequence[Finding],
    text: str,
    turns: Sequence[Turn],
    mentions: Sequence[_Mention],
    language: Language | None,
) -> list[Finding]:
    """What was asked, as far as a short answer decides it and no answer names it.

    "No" denies all that was asked; "yes" affirms it only where one thing was asked.
    """
    start, end = turns[0].start, turns[-1].end
    named = {one.term for one in mentions if start <= one.start < end}
    left = [one for one in asked if one.term not in named]
    for turn in turns:
        said = text[turn.start : turn.end]
        rules = rules_of(_chinese(said, language))
        if rules.no.match(said):
            return [replace(one, status=Status.ABSENT) for one in left]
        if rules.yes.match(said):
            one_asked = len({one.term for one in asked}) == 1
            return [replace(one, status=Status.PRESENT) for one in left if one_asked]
    return []


def _chinese(text: str, language: Language | None) -> bool:
    return is_chinese(text) if language is None else language == "zh"
