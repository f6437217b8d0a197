"""The queue before each server, one for all processes of the hospital, held in PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import LiteralString

from countersign.ground.db import DatabaseUnavailable, Pool
from countersign.ground.models.asking import Priority
from countersign.kit.ids import NewId

from .errors import NoPlace

LEASE = 15.0
"""Seconds after which a process that renews no more has lost its places."""

AGEING = 120.0
"""Seconds of waiting that count as one step of priority, so that no night's work starves."""

ASKED_AGAIN = 0.5
"""Seconds after which somebody who waits looks by himself, should nobody have told him."""

_ENTER: LiteralString = (
    "select models.enter_place(%s, %s, %s, %s, %s::smallint, %s,"
    " make_interval(secs => %s), make_interval(secs => %s)) as placed"
)
_PLACED: LiteralString = (
    "select models.placed(%s, %s, %s,"
    " make_interval(secs => %s), make_interval(secs => %s)) as placed"
)
_LEAVE: LiteralString = (
    "select models.leave_place(%s, %s, %s, make_interval(secs => %s), make_interval(secs => %s))"
)


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests a server has in work, and how many wait by priority."""

    working: int = 0
    waiting: tuple[int, int, int] = (0, 0, 0)


class Places:
    """``pool`` logs in as STEWARD. Safe to use from many threads of many processes."""

    def __init__(
        self, pool: Pool, new_id: NewId, *, lease: float = LEASE, ageing: float = AGEING
    ) -> None:
        self._pool = pool
        self._new_id = new_id
        self._process = new_id()
        self._terms = (lease, ageing)
        self._lease = lease
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self._waiting: dict[str, threading.Event] = {}
        self._keeper: threading.Thread | None = None
        self._listener: threading.Thread | None = None

    @contextmanager
    def place(
        self,
        server: str,
        places: int,
        priority: Priority,
        lane: str,
        moment: float,
        watch: Callable[[], None],
    ) -> Generator[None]:
        """A place of the server while the block lasts, waited for until ``moment`` (monotonic).

        ``lane`` is the person or room among whom places go round. ``watch`` is called while one
        waits and may raise. Raises NoPlace, DatabaseUnavailable.
        """
        ticket = self._new_id()
        with self._lock:
            self._held.add(ticket)
            self._keep()
        try:
            if not self._enter(server, places, ticket, priority, lane):
                self._wait(server, places, ticket, moment, watch)
            yield
        finally:
            with self._lock:
                self._held.discard(ticket)
            with suppress(DatabaseUnavailable):  # the lease ends by itself
                self._pool.rows(
                    _LEAVE,
                    (server, ticket, places, *self._terms),
                )

    def loads(self) -> dict[str, Load]:
        """What each server has to do now, of all processes."""
        rows = self._pool.rows(
            "select server, count(*) filter (where granted_at is not null) as working,"
            " array[count(*) filter (where granted_at is null and priority = 0),"
            " count(*) filter (where granted_at is null and priority = 1),"
            " count(*) filter (where granted_at is null and priority = 2)] as waiting"
            " from models.ticket where until >= clock_timestamp() group by server"
        )
        return {row["server"]: Load(row["working"], tuple(row["waiting"])) for row in rows}

    def _enter(self, server: str, places: int, ticket: str, priority: Priority, lane: str) -> bool:
        rows = self._pool.rows(
            _ENTER,
            (server, places, ticket, self._process, int(priority), lane, *self._terms),
        )
        return rows[0]["placed"]

    def _wait(
        self, server: str, places: int, ticket: str, moment: float, watch: Callable[[], None]
    ) -> None:
        told = threading.Event()
        with self._lock:
            self._waiting[ticket] = told
            self._listen()
        try:
            while True:
                watch()
                placed = self._pool.rows(
                    _PLACED,
                    (server, ticket, places, *self._terms),
                )[0]["placed"]
                left = moment - time.monotonic()
                if placed:
                    return
                if left <= 0 or placed is None:
                    raise NoPlace(server=server)
                if told.wait(min(left, ASKED_AGAIN)):
                    return
        finally:
            with self._lock:
                self._waiting.pop(ticket, None)

    def _keep(self) -> None:
        """Renews the leases of this process as long as it has any."""
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = threading.Thread(target=self._renew, name="places", daemon=True)
            self._keeper.start()

    def _renew(self) -> None:
        idle = 0
        while idle < 3:
            time.sleep(self._lease / 3)
            with self._lock:
                idle = 0 if self._held else idle + 1
                if idle >= 3:
                    self._keeper = None
                    return
            with suppress(DatabaseUnavailable):
                self._pool.rows(
                    "update models.ticket set until = clock_timestamp()"
                    " + make_interval(secs => %s) where process = %s returning 1",
                    (self._lease, self._process),
                )

    def _listen(self) -> None:
        if self._listener is None or not self._listener.is_alive():
            self._listener = threading.Thread(target=self._hear, name="places-told", daemon=True)
            self._listener.start()

    def _hear(self) -> None:
        """Wakes whoever was given a place, as long as anybody waits. Without it they look
        themselves, so a lost connection costs half a second and no more."""
        with suppress(DatabaseUnavailable), self._pool.reading() as connection:
            connection.execute("listen models_place")
            try:
                while self._anybody():
                    for told in connection.notifies(timeout=1.0, stop_after=1):
                        with self._lock:
                            event = self._waiting.get(told.payload)
                        if event is not None:
                            event.set()
            finally:
                if not connection.closed:
                    connection.execute("unlisten *")

    def _anybody(self) -> bool:
        with self._lock:
            if not self._waiting:
                self._listener = None
            return bool(self._waiting)
