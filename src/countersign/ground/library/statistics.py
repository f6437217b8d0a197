"""What is known of words in the passages that one person may see, and in no others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .shelf import View

K1, B = 1.2, 0.75
"""Saturation and length normalisation of BM25; the same in the engine, where they are fixed."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """``passages`` permitted in all, their mean ``length`` in words, ``frequencies`` by word.

    ``shelved`` are the frequencies on each shelf, in the order in which the shelves were given.
    """

    passages: int
    length: float
    frequencies: Mapping[str, int]
    shelved: Sequence[Mapping[str, int]] = ()

    def idf(self, word: str) -> float:
        """Inverse document frequency, never negative (Robertson/Sparck Jones with +1)."""
        return idf(self.passages, self.frequencies.get(word, 0))


def idf(passages: int, frequency: int) -> float:
    """``ln(1 + (N - n + 0.5) / (n + 0.5))``."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


def gathered(views: Sequence[View], asked: Iterable[str]) -> Statistics:
    """The statistics of the asked words over these shelves together."""
    passages = sum(view.searcher.num_docs for view in views)
    total = sum(view.total for view in views)
    words = list(asked)
    shelved = [view.frequencies(words) for view in views]
    sums = {word: sum(one.get(word, 0) for one in shelved) for word in words}
    return Statistics(passages, total / passages if passages else 1.0, sums, shelved)


def bm25(
    weights: Mapping[str, float], counts: Mapping[str, int], length: int, known: Statistics
) -> float:
    """Robertson & Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond.

    ``weights`` of the question's words, idf included; ``counts`` of those that a passage holds.
    """
    norm = K1 * (1 - B + B * length / max(known.length, 1.0))
    return math.fsum(
        [weights[word] * count * (K1 + 1) / (count + norm) for word, count in counts.items()]
    )
