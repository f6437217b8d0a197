"""Past questions whose answers people confirmed speak for the passages that answered them."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import RLock

import numpy as np
import numpy.typing as npt

from .pairs import Answers, Pair
from .passage import Passage
from .statistics import idf
from .words import words

Array = npt.NDArray[np.float64]
EVENNESS = 0.1
"""Of the ridge: how far similar past questions share their weight (docs/decisions/0073)."""

WEIGHT = 2.0
"""Of what past questions say, beside BM25 as a share of the best."""

KEPT = 4
"""Models of different sets of past questions that stay in memory."""

BLOCK = 2_048
"""Words that are multiplied together; bounds the memory."""


@dataclass(frozen=True, slots=True)
class Told:
    """Passages that answered past questions: ``rows`` of them, those of each passage in one run
    from its entry in ``starts`` on; ``places`` finds a passage in ``starts``.
    """

    places: Mapping[str, int]
    rows: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]

    @staticmethod
    def of(answered: Sequence[Sequence[str]]) -> Told:
        """From the ids of the passages that answered each past question, in order."""
        rows: dict[str, list[int]] = {}
        for row, ids in enumerate(answered):
            for id in ids:
                rows.setdefault(id, []).append(row)
        starts = np.cumsum([0, *map(len, rows.values())])[:-1]
        flat = [row for some in rows.values() for row in some]
        places = {id: place for place, id in enumerate(rows)}
        return Told(places, np.array(flat, np.intp), starts.astype(np.intp))

    def some(self, place: int) -> npt.NDArray[np.intp]:
        """The past questions that one passage answered."""
        end = self.starts[place + 1] if place + 1 < len(self.starts) else len(self.rows)
        return self.rows[self.starts[place] : end]


@dataclass(frozen=True, slots=True)
class Votes:
    """``weights`` of past questions for one question, and which passages answered them."""

    weights: Array
    told: Told

    def __bool__(self) -> bool:
        return len(self.weights) > 0

    def value(self, passage: str) -> float:
        """How much of what is asked this passage answered before; about 1 for all of it."""
        place = self.told.places.get(passage)
        return 0.0 if place is None else float(self.weights[self.told.some(place)].sum())

    def without(self, passage: str) -> Votes:
        """What is left when the past questions that this passage answered have their answer."""
        place = self.told.places.get(passage)
        if place is None:
            return self
        weights = self.weights.copy()
        weights[self.told.some(place)] = 0.0
        return Votes(weights, self.told)

    def spoken(self, limit: int) -> list[str]:
        """Passages that together answered the most, each for what those before did not."""
        ids, found, left = list(self.told.places), list[str](), self
        while ids and len(found) < limit:
            values = np.add.reduceat(left.weights[self.told.rows], self.told.starts)
            best = int(values.argmax())
            if values[best] <= 0:
                break
            found.append(ids[best])
            left = left.without(ids[best])
        return found


NONE = Votes(np.zeros(0), Told.of([]))


class Precedents:
    """Pairs of a hospital and where their answers stand now. Safe to share among threads.

    Only pairs that a passage within somebody's reaches answered take part for them, in every
    number: what they may not see changes no weight.
    """

    def __init__(self, pairs: Sequence[Pair], evenness: float = EVENNESS) -> None:
        self.pairs = pairs
        self._evenness = evenness
        self._answers = Answers(pairs)
        self._models: OrderedDict[tuple[int, ...], _Ridge] = OrderedDict()
        self._seen: dict[frozenset[str], tuple[_Ridge, Told]] = {}
        self._lock = RLock()

    def meet(self, passage: Passage) -> None:
        """Looks whether a passage that can be searched answered a past question."""
        with self._lock:
            if self._answers.meet(passage):
                self._seen.clear()

    def forget(self, version: str) -> None:
        """The passages of this version are gone."""
        with self._lock:
            if self._answers.forget(version):
                self._seen.clear()

    def votes(self, question: str, reaches: frozenset[str]) -> Votes:
        """What past questions say about this one, to a person with these reaches."""
        with self._lock:
            ridge, told = self._seen.get(reaches) or self._see(reaches)
        return Votes(ridge.weights(question), told) if told.places else NONE

    def _see(self, reaches: frozenset[str]) -> tuple[_Ridge, Told]:
        permitted = list(self._answers.permitted(reaches))
        numbers = tuple(number for number, _ in permitted)
        ridge = self._models.pop(numbers, None)
        if ridge is None:
            ridge = _Ridge([self.pairs[number].question for number in numbers], self._evenness)
        self._models[numbers] = ridge
        while len(self._models) > KEPT:
            self._models.popitem(last=False)
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[reaches] = (ridge, Told.of([ids for _, ids in permitted]))
        return self._seen[reaches]


class _Ridge:
    """Kernel ridge regression (Saunders, Gammerman, Vovk 1998) on the words of past questions.

    With the cosines K among them and k to a question, their weights are (K + evenness·I)⁻¹ k: the
    regression of any answer is the sum of the weights of the questions that it answered.
    """

    def __init__(self, texts: Sequence[str], evenness: float) -> None:
        counted = [Counter(words(text)) for text in texts]
        known = Counter(word for one in counted for word in one)
        self._idf = {word: idf(len(texts), number) for word, number in known.items()}
        self._column = {word: place for place, word in enumerate(known)}
        self._vectors = [self._vector(one) for one in counted]
        size = len(texts)
        cosines = np.zeros((size, size))
        for start in range(0, len(known), BLOCK):
            block = self._dense(start)
            cosines += block @ block.T
        self._solved: Array = cosines
        if size:
            self._solved = np.linalg.inv(cosines + evenness * np.eye(size)).astype(np.float64)

    def weights(self, question: str) -> Array:
        """One weight for each past question; their sum is about 1 for one that resembles some."""
        columns, values = self._vector(Counter(words(question)))
        asked = np.zeros(len(self._column))
        asked[columns] = values
        near = np.array([float(asked[at] @ one) for at, one in self._vectors])
        return np.asarray(self._solved @ near, np.float64)

    def _vector(self, counts: Mapping[str, int]) -> tuple[npt.NDArray[np.intp], Array]:
        """Columns and values of length 1 of the words that past questions hold."""
        held = [word for word in counts if word in self._column]
        values = np.array([(1 + math.log(counts[word])) * self._idf[word] for word in held])
        norm = float(np.linalg.norm(values)) or 1.0
        return np.array([self._column[word] for word in held], np.intp), values / norm

    def _dense(self, start: int) -> Array:
        block = np.zeros((len(self._vectors), BLOCK))
        for row, (columns, values) in enumerate(self._vectors):
            here = (columns >= start) & (columns < start + BLOCK)
            block[row, columns[here] - start] = values[here]
        return block
