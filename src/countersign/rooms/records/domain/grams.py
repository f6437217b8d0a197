"""Names of illnesses as runs of characters, and a list of names that can be searched by them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_HARD = re.compile(r"[;,。、.+/\s?!:()\[\]]+|\d+[.、)]")
_SOFT = re.compile("伴有|伴|合并|并|及|和|与|待查|术后|待排|性质待定|引起|所致|导致|继发")
MOST_PIECES, LONGEST = 24, 200


def even(text: str) -> str:
    """In one width and small letters, at most LONGEST signs."""
    return unicodedata.normalize("NFKC", text).lower().replace('"', "").strip()[:LONGEST]


def grams(text: str, longest: int = 3) -> list[str]:
    """Every run of one to ``longest`` signs, repetitions included."""
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


def pieces(text: str) -> list[str]:
    """The whole, its parts between signs, and theirs between words that join illnesses."""
    hard = [one for one in _HARD.split(text) if len(one) >= 2]
    found = [text, *hard]
    for one in hard or [text]:
        soft = [piece for piece in _SOFT.split(one) if len(piece) >= 2]
        if len(soft) > 1 or (soft and soft[0] != one):
            found += soft
    return list(dict.fromkeys(found))[:MOST_PIECES]


class NameIndex:
    """Names by the runs that they hold; a run weighs by how few names hold it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.place: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        for number, name in enumerate(names):
            for gram in set(grams(even(name))):
                rows.append(number)
                columns.append(self.place.setdefault(gram, len(self.place)))
        row, column = np.array(rows, dtype=np.int32), np.array(columns, dtype=np.int64)
        held = np.bincount(column, minlength=len(self.place))
        self.weights = np.log((len(names) + 1) / (held + 0.5))
        squares = np.bincount(row, self.weights[column] ** 2, minlength=len(names))
        self._norms = np.sqrt(squares) + 1e-9
        self._rows = row[np.argsort(column, kind="stable")]
        self._starts = np.concatenate([[0], np.cumsum(held)])

    def weight(self, gram: str) -> float:
        """What a run weighs; 0 where no name holds it."""
        at = self.place.get(gram)
        return 0.0 if at is None else float(self.weights[at])

    def asked(self, text: str) -> dict[int, float]:
        """The runs of a text as a query."""
        places = (self.place.get(gram) for gram in set(grams(text)))
        return {at: float(self.weights[at]) for at in places if at is not None}

    def nearest(self, query: Mapping[int, float], count: int) -> list[tuple[int, float]]:
        """Places and cosines, the nearest first."""
        if not query or not self.names:
            return []
        scores = np.zeros(len(self.names))
        total = 0.0
        for at, weight in query.items():
            scores[self._rows[self._starts[at] : self._starts[at + 1]]] += weight * self.weights[at]
            total += weight * weight
        scores /= self._norms * np.sqrt(total)
        return _best(scores, count)


def _best(scores: NDArray[np.float64], count: int) -> list[tuple[int, float]]:
    count = min(count, len(scores))
    at = np.argpartition(-scores, count - 1)[:count]
    at = at[np.argsort(-scores[at], kind="stable")]
    return [(int(one), float(scores[one])) for one in at if scores[one] > 0]
