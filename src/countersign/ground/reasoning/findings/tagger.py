"""Marks spans of a Chinese text with a linear-chain conditional random field, in NumPy alone.

The model is that of Lafferty, McCallum and Pereira (2001): a score for each label at each sign, the
sum of the weights of what is seen around it, and one for each pair of labels; the best path is
found by Viterbi's recursion, over all sentences of a text at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from countersign.kit.errors import CountersignError

from .units import even

Numbers = NDArray[np.uint64]
_REACH = 3
_WINDOWS = (
    (-2,), (-1,), (0,), (1,), (2,), (-2, -1), (-1, 0), (0, 1), (1, 2), (-1, 1),
    (-2, -1, 0), (-1, 0, 1), (0, 1, 2), (-3, -2, -1), (1, 2, 3), (-1, 0, 1, 2), (-2, -1, 0, 1),
)  # fmt: skip
_KINDS = ((-1, 0, 1), (-2, -1, 0), (0, 1, 2))
_KNOWN = ((-1,), (0,), (1,), (-1, 0, 1))
_MIX, _BITS = np.uint64(0x9E3779B97F4A7C15), np.uint64(42)
"""Fibonacci hashing (Knuth, vol. 3, 6.4): the top 22 bits of the product."""


class BadTagger(CountersignError):
    """The file of a tagger cannot be read."""

    code = "findings.tagger"
    status = 422
    message = "This file of a tagger cannot be read. Train it again, as docs/operate.md describes."


@dataclass(frozen=True, slots=True)
class Tag:
    """``start`` to ``end`` of the text is a ``kind``."""

    start: int
    end: int
    kind: str


def signs_of(text: str) -> Numbers:
    """The text's signs as numbers, in small letters, one for each sign of the text."""
    codes = np.frombuffer(even(text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    small = np.where((codes >= 65) & (codes <= 90), codes + 32, codes)
    return small.astype(np.uint64)


def features(signs: Numbers, known: Numbers) -> Numbers:
    """What is seen around each sign, as numbers below 2²²: (signs, features).

    ``known`` is 1 where a phrase of the vocabulary begins, 2 inside one, else 0.
    """
    kinds = np.select(
        [
            (signs >= 0x4E00) & (signs <= 0x9FFF),
            (signs >= 97) & (signs <= 122),
            (signs >= 48) & (signs <= 57),
        ],
        [1, 2, 3],
        4,
    ).astype(np.uint64)
    columns = [
        *_columns(signs, _WINDOWS, 1),
        *_columns(kinds, _KINDS, 101),
        *_columns(known + np.uint64(1), _KNOWN, 201),
    ]
    return np.stack(columns, axis=1)


def _columns(values: Numbers, windows: Sequence[Sequence[int]], first: int) -> list[Numbers]:
    padded = np.pad(values, _REACH)
    size = len(values)
    found: list[Numbers] = []
    for number, window in enumerate(windows):
        total = np.full(size, first + number, dtype=np.uint64)
        for offset in window:
            total = (total ^ padded[_REACH + offset : _REACH + offset + size]) * _MIX
        found.append((total * _MIX) >> _BITS)
    return found


class Tagger:
    """``keys`` are sorted features, ``weights`` their scores (features, labels), ``steps`` those of
    a label after another. Labels are O and, for each kind, B- and I-.
    """

    def __init__(
        self, labels: Sequence[str], keys: Numbers, weights: NDArray[Any], steps: NDArray[Any]
    ) -> None:
        self.labels: tuple[str, ...] = tuple(labels)
        self._keys = keys.astype(np.uint64)
        self._weights = np.vstack([weights, np.zeros(len(labels))]).astype(np.float32)
        self._steps = steps.astype(np.float32)

    @classmethod
    def load(cls, file: Path) -> Tagger:
        """A model that ``tools.train_tagger`` kept. Raises BadTagger."""
        try:
            with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as kept:
                labels = [str(one) for one in kept["labels"]]
                return cls(labels, kept["keys"], kept["weights"], kept["steps"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as why:
            raise BadTagger from why

    def content(self) -> tuple[Numbers, NDArray[np.float32], NDArray[np.float32]]:
        """Keys, weights and steps, to be kept."""
        return self._keys, self._weights[:-1], self._steps

    def scores(self, signs: Numbers, known: Numbers) -> NDArray[np.float32]:
        """The score of each label at each sign: (signs, labels)."""
        seen = features(signs, known)
        at = np.searchsorted(self._keys, seen)
        at[at == len(self._keys)] = 0
        at = np.where(self._keys[at] == seen, at, len(self._keys))
        return self._weights[at].sum(axis=1)

    def tags(self, text: str, known: Numbers, pieces: Sequence[tuple[int, int]]) -> list[Tag]:
        """The spans of a text, each inside one of its pieces (places of its sentences)."""
        if not text or not pieces:
            return []
        paths = self._paths(self.scores(signs_of(text), known), pieces)
        return [
            tag
            for (start, end), path in zip(pieces, paths, strict=True)
            for tag in self._spans(path[: end - start], start)
        ]

    def _paths(
        self, scores: NDArray[np.float32], pieces: Sequence[tuple[int, int]]
    ) -> NDArray[np.intp]:
        """The best labels of every piece: (pieces, longest)."""
        longest = max(end - start for start, end in pieces)
        shown = np.zeros((len(pieces), longest, len(self.labels)), dtype=np.float32)
        for number, (start, end) in enumerate(pieces):
            shown[number, : end - start] = scores[start:end]
        ends = np.array([end - start for start, end in pieces])
        best = shown[:, 0]
        back = np.zeros((longest, len(pieces), len(self.labels)), dtype=np.intp)
        for at in range(1, longest):
            ways = best[:, :, None] + self._steps
            back[at] = ways.argmax(axis=1)
            reached = ways.max(axis=1) + shown[:, at]
            best = np.where((at < ends)[:, None], reached, best)
        path = np.zeros((len(pieces), longest), dtype=np.intp)
        label: NDArray[np.intp] = best.argmax(axis=1)
        rows = np.arange(len(pieces))
        for at in range(longest - 1, -1, -1):
            path[:, at] = label
            if at:
                before: NDArray[np.intp] = back[at][rows, label]
                label = np.where(at < ends, before, label)
        return path

    def _spans(self, path: NDArray[np.intp], start: int) -> list[Tag]:
        found: list[Tag] = []
        numbers: list[int] = path.tolist()
        for at, number in enumerate(numbers, start):
            place, _, kind = self.labels[number].partition("-")
            if place == "O":
                continue
            if place == "I" and found and found[-1].end == at and found[-1].kind == kind:
                found[-1] = Tag(found[-1].start, at + 1, kind)
            else:
                found.append(Tag(at, at + 1, kind))
        return found
