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

from .card import Shelved
from .passage import Hit, Passage
from .rows import Rows

EVERY = 1.0
"""Seconds between two looks for changes."""

AT_ONCE = 200
"""Versions that are opened together."""

logger = logging.getLogger(__name__)


class Search(Protocol):
    """What finds passages: the searcher of this library, or another with the same face."""

    def add(self, passages: Sequence[Passage]) -> None: ...

    def remove(self, version: str) -> None: ...

    def refresh(self) -> None: ...

    def search(self, question: str, reaches: frozenset[str], limit: int = 10) -> list[Hit]: ...


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

    def __init__(self, rows: Rows, search: Search) -> None:
        self._rows = rows
        self._search = search
        self._change = 0
        self._held: dict[str, tuple[str, str]] = {}  # document -> version and reach
        self._counts = Counter[str]()  # passages by version
        self._filling = Filling(0, 0, False)
        self._working = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to fill and to look for changes; returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="library-index")
            self._thread.start()

    def close(self) -> None:
        """Stops looking; what is held can still be searched."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

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
        return self._search.search(question, reaches, limit) if reaches else []

    def catch_up(self) -> None:
        """Takes in whatever changed since the last time. Raises DatabaseUnavailable."""
        with self._working:
            changed = self._rows.after(WHOLE, self._change)
            if not changed:
                self._filling = Filling(len(self._held), len(self._held), True)
                return
            total = len(self._held) + len(changed) if not self._filling.ready else 0
            for first in range(0, len(changed), AT_ONCE):
                if self._stop.is_set():
                    return
                self._take(changed[first : first + AT_ONCE])
                done = len(self._held)
                self._filling = Filling(done, max(done, total), self._filling.ready)
            self._filling = Filling(len(self._held), len(self._held), True)

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

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.catch_up()
            except DatabaseUnavailable:
                logger.warning("the library's index waits for the database")
            except CountersignError as problem:
                logger.error("the library's index cannot take in a document: %s", problem.code)
            self._stop.wait(EVERY)
