"""Search by words and by meaning among the passages that a person may see."""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .errors import BrokenPassages
from .looking import CANDIDATES, Engines, Looked, candidates, look
from .passage import Hit, Passage
from .precedents import NONE
from .ranking import Array, packed
from .shelf import ANEW, HEAP, SMALL, Kept, Shelf, View, indexed
from .words import words

WRITERS = 4
"""Shelves that may hold unwritten passages at a time; each takes up to 30 MB meanwhile."""

MANY = 10_000
"""Passages written since the last look, after which memory that nobody needs is given back."""


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
        self._written = 0
        if folder is not None and folder.is_dir():
            for name in sorted(folder.glob("*/reach")):
                self._open(name.read_text(encoding="utf-8"))

    def equip(self, engines: Engines) -> None:
        """Lets these take part from now on."""
        with self._writing:
            if engines.past is not None:
                for shelf in self._shelves.values():
                    for one in shelf.every():
                        engines.past.meet(one.passage)
            self._engines = engines

    def add(self, passages: Sequence[Passage]) -> None:
        """Found after ``refresh`` at the latest; a passage whose id is known is replaced."""
        with self._writing:
            known = self._known({one.version for one in passages})
            once = {one.id: one for one in passages}
            for one in sorted(once.values(), key=lambda one: one.reach):
                said = words(indexed(one))
                replace = (one.version, one.reach) in known
                self._put(Kept(one, len(said), b""), replace=replace, said=said)

    def remove(self, version: str) -> None:
        """A version withdrawn or replaced: gone from search after ``refresh``."""
        with self._writing:
            for reach in self._places.pop(version, ()):
                self._shelves[reach].remove(version)
            if self._engines.past is not None:
                self._engines.past.forget(version)

    def refresh(self) -> None:
        """Makes visible what was added and removed; searches go on meanwhile."""
        with self._writing:
            for shelf in list(self._shelves.values()):
                shelf.refresh()
            self._writers.clear()
            for shelf in list(self._shelves.values()):
                if shelf.worn:
                    self._replace(shelf)
            if self._written > MANY:
                self._written = 0
                give_back()

    def count(self, reaches: frozenset[str]) -> int:
        """How many passages a person with these reaches can find."""
        return sum(view.searcher.num_docs for view in self._views(reaches))

    def search(
        self,
        question: str,
        reaches: frozenset[str],
        limit: int = 10,
    ) -> list[Hit]:
        """At most ``limit`` hits, nearest first; equal scores in the order of their ids.

        Nothing of another reach is opened, counted or scored with.
        """
        return self.look(question, reaches, limit).hits

    def look(
        self,
        question: str,
        reaches: frozenset[str],
        limit: int = 10,
        *,
        aided: bool = True,
    ) -> Looked:
        """As ``search``, and what took part. ``aided`` asks meaning and re-ranking too."""
        if limit < 1:
            return Looked([])
        engines = self._engines
        if not aided:
            engines = replace(engines, meaning=None, rerank=None)
        return look(question, self._views(reaches), engines, limit)

    def explain(self, question: str, reaches: frozenset[str]) -> tuple[Array, list[str]]:
        """What the ranking sees of each candidate (columns ``features.NAMES``), and their ids."""
        found = candidates(question, self._views(reaches), self._engines, CANDIDATES, NONE)
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
                    taught = Kept(one.passage, one.length, packed(vector))
                    self._put(taught, replace=True)
        return len(waiting)

    def unlearned(self) -> int:
        """How many passages of the languages of meaning have no vector yet."""
        meaning = self._engines.meaning
        languages = meaning.languages if meaning else frozenset[str]()
        return sum(one.bare(language) for one in self._shelves.values() for language in languages)

    def compact(self) -> bool:
        """Writes anew one shelf that grew in many pieces; whether there was one.

        Searches go on meanwhile and are faster afterwards; what is added waits, about half a minute
        for 250,000 passages.
        """
        with self._writing:
            worst = next((one for one in self._shelves.values() if one.scattered), None)
            if worst is not None:
                self._replace(worst)
                give_back()
            return worst is not None

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
            known = self._known(list(self._places))
            for file in sorted(folder.glob("*.passages")):
                rows = _rows(file)
                reach = next(rows, b"").decode("utf-8", "replace")
                for row in rows:
                    one = Kept.unpacked(row, reach)
                    self._put(one, replace=(one.passage.version, reach) in known)
            self.refresh()

    def _replace(self, shelf: Shelf) -> None:
        self._writers.pop(shelf.reach, None)
        self._shelves = {**self._shelves, shelf.reach: self._anew(shelf)}

    def _views(self, reaches: frozenset[str]) -> list[View]:
        shelves = self._shelves
        found = (shelves[reach].view() for reach in sorted(reaches) if reach in shelves)
        return [view for view in found if view.searcher.num_docs]

    def _known(self, versions: Iterable[str]) -> set[tuple[str, str]]:
        """Where passages of these versions stand already, and may have to be replaced."""
        return {(one, reach) for one in versions for reach in self._places.get(one, ())}

    def _put(self, one: Kept, *, replace: bool, said: Sequence[str] = ()) -> None:
        reach = one.passage.reach
        shelf = self._shelves.get(reach) or self._open(reach)
        shelf.add(one, replace=replace, said=said)
        self._written += 1
        if self._engines.past is not None:
            self._engines.past.meet(one.passage)
        self._places.setdefault(one.passage.version, set()).add(reach)
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
        shelf.refresh()  # what waits to be written is not forgotten
        made = Shelf(shelf.reach, beside, ANEW if shelf.passages > SMALL else HEAP)
        for one in shelf.every():
            made.add(one, replace=False)
        made.refresh()
        if place is not None and beside is not None:
            shutil.rmtree(place)
            beside.rename(place)
            made = Shelf(shelf.reach, place)
        made.settled = made.passages
        return made


def give_back() -> None:
    """Returns memory that the engine's threads no longer need to the system, where the C library
    is one that keeps it: after a million passages about half of what the process holds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


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
