"""What a ranking looks at in one passage for one question, all of it between 0 and about 1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import add

from .question import flat, key, units
from .statistics import K1, Statistics, bm25
from .words import is_han

NAMES = (
    "best", "bm25", "signs", "pairs", "latin", "sentence", "density", "length", "longest", "runs",
)  # fmt: skip
"""``best`` is BM25 as a share of the best candidate's, ``bm25`` as a share of what is possible;
``signs``, ``pairs`` and ``latin`` are shares of the question's weight found as Chinese characters,
their pairs and other words; ``sentence`` is that of the best single sentence; ``density`` the share
of the passage's pairs that were asked for; ``length`` the logarithm of its words; ``longest`` and
``runs`` say how much of the question stands in it in one piece."""

_SENTENCE = re.compile(r"[。！？；!?;\n]|\. ")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready for comparing it with many passages."""

    weights: Mapping[str, float]
    keys: Mapping[str, str]
    kinds: Mapping[str, int]
    units: tuple[str, ...]
    sums: tuple[float, float, float]

    @staticmethod
    def of(text: str, weights: Mapping[str, float]) -> Asked:
        """``weights`` of the question's own words, inverse document frequency included."""
        sums = [0.0, 0.0, 0.0]
        kinds = {word: _kind(word) for word in weights}
        for word, weight in weights.items():
            sums[kinds[word]] += weight
        keys = {word: key(word) for word in weights}
        parts = tuple(units(flat(text)))
        return Asked(weights, keys, kinds, parts, (sums[0], sums[1], sums[2]))


def _kind(word: str) -> int:
    """0 for a character, 1 for a pair, 2 for any other word."""
    return 2 if not is_han(word) else len(word) - 1


def measure(
    asked: Asked, text: str, length: int, added: Mapping[str, float], known: Statistics
) -> list[float]:
    """BM25 and then the values of ``NAMES`` but ``best``, for a ``flat`` text of so many words.

    ``added`` are words that the question did not say (synonyms); they count in BM25 alone.
    """
    weights = asked.weights
    counts = {w: n for w, k in asked.keys.items() if (n := text.count(k))}
    score = bm25(weights, counts, length, known)
    if added:
        more = {word: n for word in added if (n := text.count(key(word)))}
        score += bm25(added, more, length, known)
    found = [0.0, 0.0, 0.0]
    kinds = asked.kinds
    for word in counts:
        found[kinds[word]] += weights[word]
    shares = [part / whole if whole else 0.0 for part, whole in zip(found, asked.sums, strict=True)]
    whole = sum(asked.sums) or 1.0
    pairs = len(set(map(add, text, text[1:])))
    hit = [kinds[word] for word in counts].count(1)
    longest, runs = _runs(asked.units, text)
    size = max(len(asked.units), 1)
    return [
        score,
        score / whole / (K1 + 1),
        *shares,
        _sentence(asked, counts, text) / whole,
        hit / max(pairs, 1),
        math.log1p(length),
        longest / size,
        runs / size**2,
    ]


def _sentence(asked: Asked, counts: Mapping[str, int], text: str) -> float:
    """The weight of the question's words in the one sentence that has most of it."""
    here = [(asked.keys[word], asked.weights[word]) for word in counts]
    best = 0.0
    for part in _SENTENCE.split(text):
        if len(part) > 1:
            best = max(best, sum([weight for sign, weight in here if sign in part]))
    return best


def _runs(asked: tuple[str, ...], text: str) -> tuple[int, int]:
    """The longest run of the question's units that stands in the text; sum of squares of all."""
    longest = squares = at = 0
    size = len(asked)
    while at < size:
        run, end = asked[at], at + 1
        if run in text:
            while end < size and run + asked[end] in text:
                run += asked[end]
                end += 1
            longest = max(longest, end - at)
            squares += (end - at) ** 2
        at = end
    return longest, squares
