"""Writes into the ledger which servers were contacted, and which connections were refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.errors import CountersignError

REFUSED_EVERY = 60.0
"""Seconds within which refusals of the same place are one event, so that a loop fills no disk."""

CONTACTED_EVERY = 600.0
"""Seconds within which contacts of the same place are one event."""

MOST = 1_000
"""Places that are told apart; beyond, the oldest are forgotten and recorded anew."""

Seconds = Callable[[], float]


@dataclass(slots=True)
class _Seen:
    at: float
    since: int = 0


class Leaving:
    """One process's eye on its network. A place is recorded at once, its repetitions together.

    Only ``host:port`` is written, never a path, a header or a body. ``seconds`` is a clock that
    only goes forward.
    """

    def __init__(self, ledger: Ledger, seconds: Seconds = time.monotonic) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._seen: dict[tuple[EventKind, str, str], _Seen] = {}
        self._lock = threading.Lock()

    def refused(self, place: str) -> None:
        """A request that the list or the address forbade."""
        self._note(EventKind.EGRESS_REFUSED, place, "list", REFUSED_EVERY)

    def contacted(self, place: str) -> None:
        """A request that was sent."""
        self._note(EventKind.EGRESS_CONTACTED, place, "list", CONTACTED_EVERY)

    def hooked(self, place: str, module: str) -> None:
        """A connection that ``module`` wanted to open past egress."""
        self._note(EventKind.EGRESS_REFUSED, place, module, REFUSED_EVERY)

    def _note(self, kind: EventKind, place: str, by: str, every: float) -> None:
        place, by = _plain(place), _plain(by)
        now = self._seconds()
        with self._lock:
            seen = self._seen.get((kind, place, by))
            if seen is not None and now - seen.at < every:
                seen.since += 1
                return
            if len(self._seen) >= MOST:
                del self._seen[next(iter(self._seen))]
            self._seen[kind, place, by] = _Seen(now)
        detail = {"place": place, "by": by, "times": 1 + (seen.since if seen else 0)}
        # What is refused stays refused when it cannot be recorded; the ledger says so itself.
        with suppress(CountersignError):
            self._ledger.record_soon(Event(kind, "system:egress", detail=detail))


def _plain(text: str) -> str:
    """Of what a library or another system wrote, what an event may hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:200] or "?"
