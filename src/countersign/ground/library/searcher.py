"""Search by words and by meaning among the passages that a person may see."""

from __future__ import annotations

import hashlib
import heapq
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from .passage import Hit, Passage
from .question import Question, counts, spans
from .shelf import Kept, Shelf, View, indexed, kept
from .statistics import Statistics, bm25, gathered, idf
from .words import is_han

ASKED = 32
"""Words of a question, the rarest first, by which passages are found; all of them rank."""

CANDIDATES = 60
"""Passages that are ranked exactly."""


class Searcher:
    """Passages in memory, searched by words and by meaning; the reach filter runs first.

    ``folder`` is where the index keeps its files: give a folder held in memory, for they hold the
    passages' words in the clear. Without one everything stays inside the process. What stands in
    the folder already is opened. Any number of threads may search while one writes.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._writing = threading.RLock()
        self._shelves: dict[str, Shelf] = {}
        self._places: dict[str, set[str]] = {}
        if folder is not None and folder.is_dir():
            for name in sorted(folder.glob("*/reach")):
                self._open(name.read_text(encoding="utf-8"))

    def add(self, passages: Sequence[Passage]) -> None:
        """Found after ``refresh``. A passage whose id is known already is replaced."""
        with self._writing:
            for one in kept(passages):
                self._put(one)

    def remove(self, version: str) -> None:
        """A version withdrawn or replaced: gone from search after ``refresh``."""
        with self._writing:
            for reach in self._places.pop(version, ()):
                self._shelves[reach].remove(version)

    def refresh(self) -> None:
        """Makes visible what was added and removed; searches go on meanwhile."""
        with self._writing:
            for shelf in list(self._shelves.values()):
                shelf.refresh()

    def count(self, reaches: frozenset[str]) -> int:
        """How many passages a person with these reaches can find."""
        return sum(view.searcher.num_docs for view in self._views(reaches))

    def search(self, question: str, reaches: frozenset[str], limit: int = 10) -> list[Hit]:
        """At most ``limit`` hits, nearest first; equal scores in the order of their ids.

        Nothing of another reach is opened, counted or scored with.
        """
        views = self._views(reaches)
        asked = Question.of(question)
        if not views or not asked.weights or limit < 1:
            return []
        known = gathered(views, asked.weights)
        weights = {w: n * known.idf(w) for w, n in asked.weights.items() if known.frequencies[w]}
        found = _candidates(views, weights, known, max(CANDIDATES, limit))
        scored = [(_score(one, weights, known), one) for one in found]
        scored.sort(key=lambda pair: (-pair[0], pair[1].passage.id))
        telling = _telling(weights)
        return [
            Hit(one.passage, score, spans(one.passage.text, telling))
            for score, one in scored[:limit]
        ]

    def _views(self, reaches: frozenset[str]) -> list[View]:
        shelves = self._shelves
        found = (shelves[reach].view() for reach in sorted(reaches) if reach in shelves)
        return [view for view in found if view.searcher.num_docs]

    def _put(self, one: Kept) -> None:
        reach, version = one.passage.reach, one.passage.version
        places = self._places.setdefault(version, set())
        shelf = self._shelves.get(reach) or self._open(reach)
        shelf.add(one, replace=reach in places)
        places.add(reach)

    def _open(self, reach: str) -> Shelf:
        place = None if self._folder is None else self._folder / _name(reach)
        shelf = Shelf(reach, None if place is None else place / "index")
        if place is not None:
            (place / "reach").write_text(reach, encoding="utf-8")
        for version in shelf.versions():
            self._places.setdefault(version, set()).add(reach)
        self._shelves = {**self._shelves, reach: shelf}
        return shelf


def _name(reach: str) -> str:
    return hashlib.sha256(reach.encode()).hexdigest()[:32]


def _candidates(
    views: Sequence[View], weights: Mapping[str, float], known: Statistics, limit: int
) -> list[Kept]:
    """The passages worth ranking, by the statistics of all permitted shelves together."""
    rarest = heapq.nlargest(ASKED, weights, key=lambda word: (weights[word], word))
    found: list[tuple[float, View, object]] = []
    for view in views:
        here = view.searcher.num_docs
        scale = {word: weights[word] / idf(here, view.frequency(word)) for word in rarest}
        found += view.nearest(scale, limit)
    found = heapq.nlargest(limit, found, key=lambda one: one[0])
    return [view.fetch(address) for _, view, address in found]


def _score(one: Kept, weights: Mapping[str, float], known: Statistics) -> float:
    return bm25(weights, counts(indexed(one.passage), weights), one.length, known)


def _telling(weights: Mapping[str, float]) -> frozenset[str]:
    """The words worth marking: pairs and whole words, but for the commonest."""
    least = max(weights.values(), default=0.0) / 4
    return frozenset(w for w, n in weights.items() if n >= least and not (is_han(w) and len(w) < 2))
