"""Keeps what is published searchable in this process: filled at the start, kept up by seconds."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from countersign.ground.db import WHOLE, DatabaseUnavailable
from countersign.kit.errors import CountersignError

from .aids import Aid, Aids
from .card import Shelved
from .looking import Engines, Looked
from .passage import Hit, Passage
from .rows import Rows

EVERY = 1.0
"""Seconds between two looks for changes."""

AT_ONCE = 200
"""Versions that are opened together."""

TAUGHT = 256
"""Passages that get their vectors together; a minute of a small encoder's work is not lost."""

QUIET = 10
"""Looks without a change after which shelves that grew in pieces are written anew."""

PATIENCE = 5.0
"""Seconds that closing waits for work in the middle; it holds nothing that must be finished."""

LATER = 30.0
"""Seconds until a server that was away is asked again for vectors."""

logger = logging.getLogger(__name__)


class Search(Protocol):
    """What finds passages: the searcher of this library, or another with the same face."""

    def add(self, passages: Sequence[Passage]) -> None: ...

    def remove(self, version: str) -> None: ...

    def refresh(self) -> None: ...

    def equip(self, engines: Engines) -> None: ...

    def learn(self, limit: int) -> int: ...

    def compact(self) -> bool: ...

    def unlearned(self) -> int: ...

    def look(
        self,
        question: str,
        reaches: frozenset[str],
        limit: int = 10,
        *,
        aided: bool = True,
    ) -> Looked: ...


@dataclass(frozen=True, slots=True)
class Filling:
    """How many of the published documents can be found already; all of them once ``ready``."""

    done: int
    total: int
    ready: bool


class Index:
    """The published passages of one process. ``start`` keeps it up in the background;
    ``catch_up`` does the same in the calling thread.
    """

    def __init__(self, rows: Rows, search: Search, aids: Aids | None = None) -> None:
        self._rows = rows
        self._search = search
        self._aids = aids
        self._change = 0
        self._held: dict[str, tuple[str, str]] = {}  # document -> version and reach
        self._counts = Counter[str]()  # passages by version
        self._filling = Filling(0, 0, False)
        self._working = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begins to fill and to look for changes; returns at once."""
        if self._threads:
            return
        for work, name in ((self._run, "library-index"), (self._learn, "library-meaning")):
            self._threads.append(threading.Thread(target=work, daemon=True, name=name))
            self._threads[-1].start()

    def close(self) -> None:
        """Stops looking; what is held can still be searched."""
        self._stop.set()
        while self._threads:
            self._threads.pop().join(PATIENCE)

    @property
    def filling(self) -> Filling:
        """How far it is."""
        return self._filling

    def within(self, reaches: frozenset[str]) -> tuple[int, int]:
        """How many documents and passages a search within these reaches looks through."""
        held = [version for version, reach in list(self._held.values()) if reach in reaches]
        return len(held), sum(self._counts[version] for version in held)

    def find(self, question: str, reaches: frozenset[str], limit: int) -> list[Hit]:
        """The nearest passages within the reaches, and of no other."""
        return self.look(question, reaches, limit).hits

    def look(
        self, question: str, reaches: frozenset[str], limit: int, *, aided: bool = True
    ) -> Looked:
        """The same, with what took part; ``aided`` asks meaning and re-ranking too."""
        if not reaches:
            return Looked([])
        return self._search.look(question, reaches, limit, aided=aided)

    def equip(self) -> None:
        """Reads what the hospital gave the search; it takes part from now on."""
        if self._aids is not None:
            self._search.equip(self._aids.load())

    def aids(self) -> tuple[list[Aid], int]:
        """What the hospital gave the search, and how many passages wait for a vector."""
        return (self._aids.states() if self._aids else []), self._search.unlearned()

    def learn(self) -> int:
        """Gives some passages their vectors; how many. Raises AidAway."""
        done = self._search.learn(TAUGHT)
        if done:
            self._search.refresh()
        return done

    def catch_up(self) -> bool:
        """Takes in whatever changed since the last time; whether anything had.

        Raises DatabaseUnavailable.
        """
        with self._working:
            changed = self._rows.after(WHOLE, self._change)
            if not changed:
                self._filling = Filling(len(self._held), len(self._held), True)
                return False
            total = len(self._held) + len(changed) if not self._filling.ready else 0
            for first in range(0, len(changed), AT_ONCE):
                if self._stop.is_set():
                    return True
                self._take(changed[first : first + AT_ONCE])
                done = len(self._held)
                self._filling = Filling(done, max(done, total), self._filling.ready)
            self._filling = Filling(len(self._held), len(self._held), True)
            return True

    def _take(self, changed: Sequence[Shelved]) -> None:
        wanted: dict[str, Shelved] = {}
        for one in changed:
            now = (one.version or "", one.card.permission.reach)
            findable = one.state == "published"
            if one.id in self._held and (not findable or self._held[one.id] != now):
                version, _ = self._held.pop(one.id)
                self._search.remove(version)
                del self._counts[version]
            if findable and one.version and one.id not in self._held:
                wanted[one.version] = one
        texts = self._rows.texts(WHOLE, sorted(wanted))
        for version, one in wanted.items():
            if version not in texts:
                continue
            reach = one.card.permission.reach
            passages = texts[version].passages(one.id, reach)
            self._search.add(passages)
            self._held[one.id] = (version, reach)
            self._counts[version] = len(passages)
        self._search.refresh()
        self._change = changed[-1].change

    def _learn(self) -> None:
        while not self._stop.is_set():
            try:
                again = EVERY if not self.learn() else 0.0
            except CountersignError:
                again = LATER
            self._stop.wait(again)

    def _run(self) -> None:
        self.equip()
        quiet = 0
        while not self._stop.is_set():
            try:
                quiet = 0 if self.catch_up() else quiet + 1
                if quiet >= QUIET:
                    self._search.compact()
            except DatabaseUnavailable:
                logger.warning("the library's index waits for the database")
            except CountersignError as problem:
                logger.error("the library's index cannot take in a document: %s", problem.code)
            self._stop.wait(EVERY)
