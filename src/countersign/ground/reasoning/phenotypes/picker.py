"""Finds the terms that somebody may mean by what was typed: labels, synonyms and former ones."""

from __future__ import annotations

import heapq
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from countersign.kit.words import Language

from .knowledge import Knowledge

LONGEST = 200
"""Signs of a query; what follows them is not looked at."""

_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Term:
    """A term to choose: ``label`` in the language asked for, ``matched`` what the query met."""

    id: str
    label: str
    matched: str


@dataclass(frozen=True, slots=True)
class _Entry:
    term: str
    text: str
    words: frozenset[str]
    folded: str
    own: bool


class Picker:
    """Holds every label once, found by its words; Chinese is found by its characters."""

    def __init__(self, known: Knowledge, chinese: Mapping[str, str]) -> None:
        place = known.place()
        self._english = dict(zip(known.terms, known.names, strict=True))
        former = {known.terms[place[k]]: v for k, v in chinese.items() if k in place}
        self._chinese = former | {k: v for k, v in chinese.items() if k in self._english}
        self._entries = list(_entries(known, self._chinese))
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self._entries):
            for word in entry.words:
                self._by_word[word].append(at)
        self._words = sorted(self._by_word)

    def label(self, term: str, language: Language) -> str:
        """The label of a current term; the English one where there is no Chinese."""
        english = self._english.get(term, term)
        return self._chinese.get(term, english) if language == "zh" else english

    def exactly(self, text: str) -> str | None:
        """The identifier whose label or synonym this is, in either language; None for none.

        Where several terms share it, the one that has it as its label, then the lowest.
        """
        folded = fold(text[:LONGEST])
        first = next(iter(_WORD.findall(folded)), None)
        found = [self._entries[at] for at in self._by_word.get(first or "", ())]
        alike = sorted((not e.own, e.term) for e in found if e.folded == folded)
        return alike[0][1] if alike else None

    def find(self, text: str, language: Language, limit: int = 12) -> list[Term]:
        """The likeliest first: a whole label, then its beginning, then all words, then shortest.

        The last English word may be unfinished. Nothing typed finds nothing.
        """
        folded = fold(text[:LONGEST])
        words = _WORD.findall(folded)
        if not words:
            return []
        sets: list[set[int]] = [set(self._by_word.get(word, ())) for word in words[:-1]]
        sets.append({at for word in self._beginning(words[-1]) for at in self._by_word[word]})
        best: dict[str, tuple[tuple[object, ...], _Entry]] = {}
        for at in sets[0].intersection(*sets[1:]):
            entry = self._entries[at]
            rank = (
                entry.folded != folded,
                not entry.folded.startswith(folded),
                not entry.own,
                len(entry.folded),
                entry.term,
            )
            if entry.term not in best or rank < best[entry.term][0]:
                best[entry.term] = (rank, entry)
        chosen = heapq.nsmallest(limit, best.values(), key=lambda pair: pair[0])
        return [Term(e.term, self.label(e.term, language), e.text) for _, e in chosen]

    def _beginning(self, start: str) -> list[str]:
        """Words of the index that begin so, at most 200; a single letter stands for itself."""
        if len(start) < 2:
            return [start] if start in self._by_word else []
        low = bisect_left(self._words, start)
        return [w for w in self._words[low : low + 200] if w.startswith(start)]


def fold(text: str) -> str:
    """Width, case, signs and spaces do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(plain))


def _entries(known: Knowledge, chinese: Mapping[str, str]) -> list[_Entry]:
    found: list[_Entry] = []
    for at, term in enumerate(known.terms):
        if not known.findings[at]:
            continue
        texts = [(known.names[at], True), *((one, False) for one in known.synonyms[at])]
        if term in chinese:
            texts.append((chinese[term], True))
        for text, own in texts:
            folded = fold(text)
            words = frozenset(_WORD.findall(folded))
            if words:
                found.append(_Entry(term, text, words, folded, own))
    return found
