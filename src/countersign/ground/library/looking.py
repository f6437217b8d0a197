"""One search over the shelves that a person may see: found by words, then put in order."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from . import features, ranking
from .errors import AidAway
from .meaning import Meaning, Rerank
from .passage import Hit
from .precedents import NONE, WEIGHT, Precedents, Votes
from .question import Question, flat, spans
from .ranking import Array, Weights
from .shelf import Kept, View, indexed
from .statistics import Statistics, gathered, idf
from .synonyms import Synonyms
from .together import together
from .words import is_han, words

ASKED = 48
"""Words of a question, the weightiest first, by which passages are found; all of them rank."""

CANDIDATES = 40
"""Passages that are put in order."""

SYNONYM = 0.5
"""Weight of a word that only another name of what was asked has."""

VOTED = 20
"""Passages that only past questions bring in."""

SPOKEN = 0.5
"""Share of what is asked that a passage answered before, from which on people are told so."""

WORTH = 50_000
"""Passages from which on a second thread saves more than it costs."""

REORDERED = 20
"""Passages that a hospital's re-ranking server is asked about."""


@dataclass(frozen=True)
class Engines:
    """What takes part beside the words themselves."""

    synonyms: Synonyms = field(default_factory=Synonyms)
    meaning: Meaning | None = None
    rerank: Rerank | None = None
    past: Precedents | None = None
    weights: Weights = field(default_factory=ranking.trained)


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates in no order, with what the ranking sees of each, one row for each."""

    kept: Sequence[Kept]
    rows: Array
    telling: frozenset[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """``hits``, which of ``meaning`` and ``reranking`` took part, and which did not but should."""

    hits: list[Hit]
    aided: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


def look(
    question: str,
    views: Sequence[View],
    engines: Engines,
    limit: int,
) -> Looked:
    """At most ``limit`` hits, nearest first; equal scores in the order of their ids.

    A passage that shares only common single characters with the question is no hit. Where a
    server of the hospital is away, the order is the one without it.
    """
    reaches = frozenset(view.reach for view in views)
    votes = engines.past.votes(question, reaches) if engines.past is not None else NONE
    found = candidates(question, views, engines, max(CANDIDATES, limit), votes)
    if not found.kept:
        return Looked([])
    chinese = [one.passage.language == "zh" for one in found.kept]
    score = ranking.scores(found.rows, chinese, engines.weights)
    aided, without = set[str](), set[str]()
    if engines.meaning is not None:
        try:
            meant = _meant(question, found.kept, engines.meaning)
            if meant is not None:
                score = score + meant
                aided.add("meaning")
        except AidAway:
            without.add("meaning")
    wanted = max(limit, REORDERED if engines.rerank else 0)
    ids = [one.passage.id for one in found.kept]
    hits: list[Hit] = []
    for number, worth in _ordered(ids, score, votes):
        passage = found.kept[number].passage
        marks, said = spans(passage.text, found.telling), votes.value(passage.id)
        if marks or said > 0 or spans(indexed(passage), found.telling):
            hits.append(Hit(passage, worth, marks, said >= SPOKEN))
        if len(hits) == wanted:
            break
    if engines.rerank is not None and hits:
        try:
            hits = _reordered(question, hits, engines.rerank)
            aided.add("reranking")
        except AidAway:
            without.add("reranking")
    return Looked(hits[:limit], frozenset(aided), frozenset(without))


def candidates(
    question: str,
    views: Sequence[View],
    engines: Engines,
    limit: int,
    votes: Votes,
) -> Found:
    """The passages worth putting in order, by the statistics of all these shelves together."""
    asked = Question.of(question)
    added = {w for name in engines.synonyms.of(question) for w in words(name)}
    added -= asked.weights.keys()
    known = gathered(views, [*asked.weights, *sorted(added)])
    weights = {w: n * known.idf(w) for w, n in asked.weights.items() if known.frequencies[w]}
    more = {w: SYNONYM * known.idf(w) for w in sorted(added) if known.frequencies[w]}
    every = {**weights, **more}
    kept = [view.fetch(address) for view, address in _nearest(views, known, every, limit)]
    kept += _voted(views, votes, {one.passage.id for one in kept})
    if not kept:
        return Found((), np.zeros((0, len(features.NAMES))), frozenset())
    ready = features.Asked.of(question, weights)
    rows = [
        features.measure(ready, flat(indexed(one.passage)), one.length, more, known) for one in kept
    ]
    return Found(kept, ranking.matrix(rows), _telling(every, asked.weights))


def _nearest(
    views: Sequence[View], known: Statistics, weights: Mapping[str, float], limit: int
) -> list[tuple[View, Any]]:
    """Each shelf scores with the weights of all shelves together, so that the best compare."""
    rarest = heapq.nlargest(ASKED, weights, key=lambda word: (weights[word], word))

    def ask(place: int) -> list[tuple[float, View, Any]]:
        view, counts = views[place], known.shelved[place]
        here = view.searcher.num_docs
        scale = {word: weights[word] / idf(here, counts[word]) for word in rarest if word in counts}
        return view.nearest(scale, limit) if scale else []

    largest = sorted(range(len(views)), key=lambda place: -views[place].searcher.num_docs)
    if sum(view.searcher.num_docs for view in views) < WORTH:
        some = [ask(place) for place in largest]
    else:
        some = together([partial(ask, place) for place in largest])
    by_place = dict(zip(largest, some, strict=True))
    found = chain.from_iterable(by_place[place] for place in range(len(views)))
    best = heapq.nlargest(limit, found, key=lambda one: one[0])
    return [(view, address) for _, view, address in best]


def _voted(views: Sequence[View], votes: Votes, known: set[str]) -> list[Kept]:
    """Passages that words did not find and past questions speak for, on these shelves."""
    wanted = [id for id in votes.spoken(VOTED) if id not in known]
    return [one for id in wanted for view in views for one in view.named(id)]


def _ordered(ids: Sequence[str], score: Array, votes: Votes) -> Iterator[tuple[int, float]]:
    """Candidates by place, the best first, each with its score, equal ones by their ids.

    A past question speaks for the first passage that answered it and for no further one, so that
    what may be meant otherwise comes up too (Carbonell & Goldstein 1998, maximal marginal
    relevance).
    """
    left = list(range(len(ids)))
    while left and votes:
        worth = {n: float(score[n]) + WEIGHT * votes.value(ids[n]) for n in left}
        best = min(left, key=partial(_place, ids, worth))
        left.remove(best)
        yield best, worth[best]
        votes = votes.without(ids[best])
        if not votes.weights.any():
            votes = NONE
    for number in sorted(left, key=lambda n: (-score[n], ids[n])):
        yield number, float(score[number])


def _place(ids: Sequence[str], worth: Mapping[int, float], number: int) -> tuple[float, str]:
    return -worth[number], ids[number]


def _meant(question: str, kept: Sequence[Kept], meaning: Meaning) -> Array | None:
    """What meaning adds to each candidate of the languages it understands; None where none has
    a vector. Raises AidAway.
    """
    vectors = [one.vector if one.passage.language in meaning.languages else b"" for one in kept]
    if not any(vectors):
        return None
    asked = meaning.encode([question])[0]
    if all(len(one) != len(asked) for one in vectors):
        raise AidAway(place="embedding")  # the passages learnt from another model
    return meaning.weight * ranking.cosines(asked, vectors)


def _reordered(question: str, hits: list[Hit], rerank: Rerank) -> list[Hit]:
    given = rerank(question, [indexed(hit.passage) for hit in hits])
    scored = [replace(h, score=float(s)) for h, s in zip(hits, given, strict=True)]
    return sorted(scored, key=lambda hit: (-hit.score, hit.passage.id))


def _telling(weights: Mapping[str, float], asked: Collection[str]) -> frozenset[str]:
    """The words worth marking: pairs and whole words, but for the commonest.

    Single Chinese characters only where the question has nothing else.
    """
    least = max(weights.values(), default=0.0) / 4
    single = all(_is_single(word) for word in asked)
    return frozenset(w for w, n in weights.items() if n >= least and (single or not _is_single(w)))


def _is_single(word: str) -> bool:
    return len(word) == 1 and is_han(word)
