"""A question as the words that will be looked for, and where they stand in a passage."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .words import fold, is_han, placed, stem, words

_LATIN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked; ``weights`` of its words by how often they stand in it."""

    text: str
    weights: Mapping[str, float]

    @staticmethod
    def of(text: str) -> Question:
        """A question's words; what is said twice weighs a little more than once."""
        return Question(text, {w: 1 + 0.2 * (n - 1) for w, n in Counter(words(text)).items()})


def counts(text: str, asked: Iterable[str]) -> dict[str, int]:
    """How often each of these words stands in the text; words that do not are left out."""
    folded = fold(text)
    latin = Counter(map(stem, _LATIN.findall(folded)))
    found: dict[str, int] = {}
    for word in asked:
        number = folded.count(word) if is_han(word) else latin[word]
        if number:
            found[word] = number
    return found


def spans(text: str, telling: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """Characters of the text where one of these words stands, runs joined, in order."""
    marks = sorted((one.start, one.end) for one in placed(text) if one.text in telling)
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
