"""Search by words and by meaning among the passages that a person may see."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .errors import BrokenPassages
from .looking import CANDIDATES, Engines, Looked, candidates, look
from .passage import Hit, Passage
from .ranking import Array, packed
from .shelf import Kept, Shelf, View, kept

WRITERS = 4
"""Shelves that may hold unwritten passages at a time; each takes up to 15 MB meanwhile."""


class Searcher:
    """Passages in memory, searched by words and by meaning; the reach filter runs first.

    ``folder`` is where the index keeps its files: give a folder held in memory, for they hold the
    passages' words in the clear. Without one everything stays inside the process. What stands in
    the folder already is opened. Any number of threads may search while one writes.
    """

    def __init__(self, folder: Path | None = None, engines: Engines | None = None) -> None:
        self._folder = folder
        self._engines = engines or Engines()
        self._writing = threading.RLock()
        self._shelves: dict[str, Shelf] = {}
        self._places: dict[str, set[str]] = {}
        self._writers: dict[str, Shelf] = {}
        if folder is not None and folder.is_dir():
            for name in sorted(folder.glob("*/reach")):
                self._open(name.read_text(encoding="utf-8"))

    def equip(self, engines: Engines) -> None:
        """Lets these take part from now on."""
        self._engines = engines

    def add(self, passages: Sequence[Passage]) -> None:
        """Found after ``refresh`` at the latest; a passage whose id is known is replaced."""
        with self._writing:
            for one in kept(sorted(passages, key=lambda one: one.reach)):
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
            self._writers.clear()
            self._renew(lambda shelf: shelf.worn)

    def count(self, reaches: frozenset[str]) -> int:
        """How many passages a person with these reaches can find."""
        return sum(view.searcher.num_docs for view in self._views(reaches))

    def search(
        self,
        question: str,
        reaches: frozenset[str],
        limit: int = 10,
        votes: Mapping[str, float] | None = None,
    ) -> list[Hit]:
        """At most ``limit`` hits, nearest first; equal scores in the order of their ids.

        Nothing of another reach is opened, counted or scored with. ``votes`` of ``Precedents``,
        by passage id, count beside words and meaning.
        """
        return self.look(question, reaches, limit, votes).hits

    def look(
        self,
        question: str,
        reaches: frozenset[str],
        limit: int = 10,
        votes: Mapping[str, float] | None = None,
        *,
        aided: bool = True,
    ) -> Looked:
        """As ``search``, and what took part. ``aided`` asks meaning and re-ranking too."""
        if limit < 1:
            return Looked([])
        engines = self._engines
        if not aided:
            engines = replace(engines, meaning=None, rerank=None)
        return look(question, self._views(reaches), engines, limit, votes or {})

    def explain(self, question: str, reaches: frozenset[str]) -> tuple[Array, list[str]]:
        """What the ranking sees of each candidate (columns ``features.NAMES``), and their ids."""
        found = candidates(question, self._views(reaches), self._engines, CANDIDATES, {})
        return found.rows, [one.passage.id for one in found.kept]

    def learn(self, limit: int) -> int:
        """Gives vectors to at most ``limit`` passages that have none; how many it gave.

        Searching and writing go on meanwhile. Call it, and ``refresh``, until it gives none.
        Raises AidAway.
        """
        meaning = self._engines.meaning
        if meaning is None:
            return 0
        with self._writing:
            waiting = [
                one
                for shelf in self._shelves.values()
                for language in sorted(meaning.languages)
                for one in shelf.without_vector(language, limit)
            ][:limit]
        if not waiting:
            return 0
        vectors = meaning.of([one.passage for one in waiting])
        with self._writing:
            for one, vector in zip(waiting, vectors, strict=True):
                # What was withdrawn while its vector was made does not come back.
                if one.passage.reach in self._places.get(one.passage.version, ()):
                    self._put(Kept(one.passage, one.length, packed(vector)))
        return len(waiting)

    def unlearned(self) -> int:
        """How many passages of the languages of meaning have no vector yet."""
        meaning = self._engines.meaning
        languages = meaning.languages if meaning else frozenset[str]()
        return sum(one.bare(language) for one in self._shelves.values() for language in languages)

    def compact(self) -> None:
        """Writes anew every shelf from which something was removed; searches go on meanwhile.

        ``refresh`` does so for small shelves and much worn ones. On others the words of removed
        passages count in the statistics of their own shelf until this is called.
        """
        with self._writing:
            self._renew(lambda shelf: shelf.stale > 0)

    def save(self, folder: Path) -> None:
        """Writes every passage and vector into a folder, in files of no engine's own form.

        They hold text in the clear: the caller seals them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for reach, shelf in self._shelves.items():
            with (folder / f"{_name(reach)}.passages").open("wb") as out:
                for row in (reach.encode(), *(one.packed() for one in shelf.every())):
                    out.write(len(row).to_bytes(4, "big") + row)

    def load(self, folder: Path) -> None:
        """Adds what ``save`` wrote, visible at once. Raises BrokenPassages."""
        with self._writing:
            for file in sorted(folder.glob("*.passages")):
                rows = _rows(file)
                reach = next(rows, b"").decode("utf-8", "replace")
                for row in rows:
                    self._put(Kept.unpacked(row, reach))
            self.refresh()

    def _renew(self, due: Callable[[Shelf], bool]) -> None:
        for reach, shelf in list(self._shelves.items()):
            if due(shelf):
                self._shelves = {**self._shelves, reach: self._anew(shelf)}

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
        self._writers.pop(reach, None)
        self._writers[reach] = shelf
        if len(self._writers) > WRITERS:
            self._writers.pop(next(iter(self._writers))).refresh()

    def _open(self, reach: str) -> Shelf:
        shelf = Shelf(reach, self._place(reach, "index"))
        if self._folder is not None:
            (self._folder / _name(reach) / "reach").write_text(reach, encoding="utf-8")
        for version in shelf.versions():
            self._places.setdefault(version, set()).add(reach)
        self._shelves = {**self._shelves, reach: shelf}
        return shelf

    def _place(self, reach: str, part: str) -> Path | None:
        return None if self._folder is None else self._folder / _name(reach) / part

    def _anew(self, shelf: Shelf) -> Shelf:
        """A shelf with the same passages and nothing of those removed."""
        place, beside = self._place(shelf.reach, "index"), self._place(shelf.reach, "anew")
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
        made = Shelf(shelf.reach, beside)
        for one in shelf.every():
            made.add(one, replace=False)
        made.refresh()
        if place is None or beside is None:
            return made
        shutil.rmtree(place)
        beside.rename(place)
        return Shelf(shelf.reach, place)


def _rows(file: Path) -> Iterator[bytes]:
    """The rows of a file that ``save`` wrote. Raises BrokenPassages where one is cut short."""
    with file.open("rb") as opened:
        while size := opened.read(4):
            row = opened.read(int.from_bytes(size, "big"))
            if len(size) < 4 or len(row) < int.from_bytes(size, "big"):
                raise BrokenPassages(file=file.name)
            yield row


def _name(reach: str) -> str:
    return hashlib.sha256(reach.encode()).hexdigest()[:32]
