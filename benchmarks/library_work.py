"""What a search does and how long it takes, with and without what its reader may not see."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from benchmarks.leak_probes import MARGIN, advantage
from benchmarks.library_world import Paper, Reader, World, secret
from countersign.ground.library import Searcher
from countersign.ground.library.shelf import View

LIMIT = 20
QUESTIONS = ("{}", "血钾高怎么办 {}", "Which stones pass without surgery {}", "{} 穿刺活检")

Step = tuple[object, ...]


@dataclass
class Work:
    """A library's search and, by reader, twins that never held what is closed to them."""

    made: World
    search: Searcher
    reaches: dict[str, frozenset[str]]
    twins: dict[str, Searcher]
    steps: list[Step] = field(default_factory=list[Step])
    closed: list[float] = field(default_factory=list[float])
    nothing: list[float] = field(default_factory=list[float])
    postings: int = 0
    unwritten: list[str] = field(default_factory=list[str])

    def told_apart(self) -> tuple[float, float]:
        """The advantage of somebody who times answers, 0 when it is a guess, and its error."""
        return advantage(self.closed, self.nothing)

    def leak(self) -> str | None:
        """Whether waiting tells of closed documents beyond ``MARGIN`` by three errors."""
        found, error = self.told_apart()
        return f"told apart by time, {found:.3f}" if abs(found) - 3 * error > MARGIN else None


def work(made: World) -> Work:
    """Both kinds of search note each step from now on, until ``quiet``."""
    search = made.library.index._search  # pyright: ignore[reportPrivateUsage]
    assert isinstance(search, Searcher)
    found = Work(
        made,
        search,
        {one.principal.id: _reaches(made, one) for one in made.readers},
        {one.principal.id: made.twin(one, apart=True) for one in made.readers},
    )
    found.unwritten += [
        secret(Random(number))  # noqa: S311 - words for probes
        for number, _ in enumerate(made.papers)
    ]
    for one in (search, *found.twins.values()):
        _watch(one, found.steps)
    return found


def quiet(found: Work) -> None:
    """Steps are no longer noted, so that noting does not count as waiting."""
    for one in (found.search, *found.twins.values()):
        del one.__dict__["_views"]


def probe_work(found: Work, chance: Random) -> str | None:
    """The engine is asked the same, word by word and shelf by shelf, as in a house without it."""
    reader = chance.choice(found.made.readers)
    question = _asked(chance, chance.choice(_closed(found.made, reader)).secrets[-1])
    reaches = found.reaches[reader.principal.id]
    noted: list[list[Step]] = []
    for search in (found.search, found.twins[reader.principal.id]):
        found.steps.clear()
        search.look(question, reaches, LIMIT)
        noted.append(list(found.steps))
    found.postings += sum(int(str(step[-1])) for step in noted[0] if step[1] == "word")
    foreign = {step[0] for step in noted[0]} - reaches
    if foreign:
        return "a shelf of another reach was opened"
    return None if noted[0] == noted[1] else "the search works otherwise than without it"


def probe_time(found: Work, chance: Random) -> None:
    """Times a question for words of a closed document and one for words that nobody wrote, of
    which there are as many: what was asked before is answered sooner, whatever it is."""
    reader = chance.choice(found.made.readers)
    reaches = found.reaches[reader.principal.id]
    form = chance.choice(QUESTIONS)
    closed = chance.choice(_closed(found.made, reader)).secrets[-1]
    pair = [
        (found.closed, form.format(closed)),
        (found.nothing, form.format(chance.choice(found.unwritten))),
    ]
    for times, question in chance.sample(pair, 2):
        begun = time.perf_counter()
        found.made.library.index.look(question, reaches, LIMIT)
        times.append(time.perf_counter() - begun)


def _asked(chance: Random, words: str) -> str:
    return chance.choice(QUESTIONS).format(words)


def _closed(made: World, reader: Reader) -> Sequence[Paper]:
    return [one for one in made.papers if one.findable and not reader.may_read(one)]


def _reaches(made: World, reader: Reader) -> frozenset[str]:
    own = (one for one in made.papers if one.findable and reader.may_read(one))
    return frozenset(one.permission.reach for one in own)


def _watch(search: Searcher, steps: list[Step]) -> None:
    views = search._views  # pyright: ignore[reportPrivateUsage]

    def watched(reaches: frozenset[str]) -> list[View]:
        return [
            replace(one, searcher=_Noted(one.searcher, one.reach, steps)) for one in views(reaches)
        ]

    search._views = watched  # pyright: ignore[reportPrivateUsage]


class _Noted:
    """The engine of one shelf, noting what it is asked and how many postings each word has."""

    def __init__(self, engine: Any, reach: str, steps: list[Step]) -> None:
        self._engine = engine
        self._reach = reach
        self._steps = steps
        self.num_docs = engine.num_docs

    def doc_freq(self, name: str, word: str) -> int:
        number = int(self._engine.doc_freq(name, word))
        self._steps.append((self._reach, "word", word, number))
        return number

    def search(self, query: Any, limit: int, **said: Any) -> Any:
        self._steps.append((self._reach, "search", str(query), limit))
        return self._engine.search(query, limit, **said)

    def doc(self, address: Any) -> Any:
        found = self._engine.doc(address)
        self._steps.append((self._reach, "passage", bytes(found["kept"][0])))
        return found
