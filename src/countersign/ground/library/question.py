"""A question as the words that will be looked for, and where they stand in a passage."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .words import STOP, fold, is_han, stem, words

_LATIN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_UNIT = re.compile(r" [^ ]+ |.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked; ``weights`` of its words by how often they stand in it."""

    text: str
    weights: Mapping[str, float]

    @staticmethod
    def of(text: str) -> Question:
        """A question's words; what is said twice weighs a little more than once."""
        return Question(text, {w: 1 + 0.2 * (n - 1) for w, n in Counter(words(text)).items()})


def flat(text: str) -> str:
    """The text as the ranking reads it: each Latin word stemmed and set between two spaces.

    A word of ``words`` stands in it as ``key(word)``, and nothing else does.
    """
    return _LATIN.sub(_set, fold(text)).replace("   ", "  ")


def _set(match: re.Match[str]) -> str:
    word = match.group()
    return "  " if word in STOP else f" {stem(word)} "


def key(word: str) -> str:
    """How a word stands in a ``flat`` text."""
    return word if is_han(word) else f" {word} "


def units(flattened: str) -> list[str]:
    """The single signs and the spaced words of a ``flat`` text, in order."""
    return _UNIT.findall(flattened)


def spans(text: str, telling: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Characters of the text where one of these words stands, runs joined, in order."""
    folded = fold(text)
    marks: list[tuple[int, int]] = []
    for word in telling:
        if is_han(word):
            at = folded.find(word)
            while at >= 0:
                marks.append((at, at + len(word)))
                at = folded.find(word, at + 1)
    for match in _LATIN.finditer(folded):
        if match.group() not in STOP and stem(match.group()) in telling:
            marks.append(match.span())
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
