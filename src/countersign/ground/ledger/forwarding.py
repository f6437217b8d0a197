"""Forwards every event to the hospital's syslog collector, and forgets none while it is away.

RFC 5424 messages in frames of RFC 6587 §3.4.1. Syslog over TCP acknowledges nothing, so that each
batch has a connection of its own and counts once the collector has read it to its end; what may
not have arrived is sent again, and ``index`` tells the collector what it has already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.ground.db import Pool
from countersign.ground.egress import Egress, Server
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError

from .ledger import Ledger
from .merkle import leaf_hash
from .query import EventQuery
from .syslog import framed, line

BATCH = 500
"""Leaves of one connection."""

AT_ONCE = 40
"""Batches of one run."""

LATE = timedelta(minutes=5)
"""After which an event that was not forwarded is an alarm."""


@dataclass(frozen=True, slots=True)
class ForwardStanding:
    """How far the collector is: the next leaf that it is to get, and how many there are.

    ``at`` is when a batch last arrived, None when none did; ``late`` says that events wait
    longer than they should; ``problem`` is why, of this process's last attempt.
    """

    server: str
    next: int
    behind: int
    at: datetime | None
    late: bool
    problem: CountersignError | None


class Forwarding:
    """``pool`` is of the role LEDGER; ``host`` is this machine's name in the messages."""

    def __init__(
        self,
        ledger: Ledger,
        pool: Pool,
        egress: Egress,
        server: Server | None,
        host: str,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._pool = pool
        self._egress = egress
        self._server = server
        self._host = host
        self._clock = clock
        self._problem: CountersignError | None = None

    def send(self) -> int:
        """Sends what came since, in the order of the leaves; returns how many events went.

        The place up to which they went lies in the database. A collector that does not answer
        is tried again the next time; nothing is lost by it.
        """
        if self._server is None:
            return 0
        sent, size = 0, self._ledger.size()
        start, _ = self._cursor()
        try:
            for _ in range(AT_ONCE):
                if start >= size:
                    break
                end = min(start + BATCH, size)
                frames = self._frames(start, end)
                if frames:
                    self._egress.deliver(self._server, b"".join(frames))
                if not self._advance(start, end):
                    break  # another process has gone ahead
                sent, start = sent + len(frames), end
        except CountersignError as problem:
            self._problem = problem
        else:
            self._problem = None
        return sent

    def standing(self) -> ForwardStanding | None:
        """None where no collector is configured."""
        if self._server is None:
            return None
        start, at = self._cursor()
        size = self._ledger.size()
        waiting = self._pool.rows(
            "select at from ledger.event where index >= %s order by index limit 1", (start,)
        )
        late = bool(waiting) and waiting[0]["at"] < self._clock() - LATE
        return ForwardStanding(
            str(self._server), start, max(0, size - start), at, late, self._problem
        )

    def _frames(self, start: int, end: int) -> list[bytes]:
        """The events of these leaves, the oldest first; pruned ones say nothing any more."""
        page = self._ledger.events(EventQuery(before=end, limit=end - start))
        return [
            framed(line(event, leaf_hash(event.body).hex(), self._ledger.origin, self._host))
            for event in reversed(page.events)
            if event.index >= start
        ]

    def _cursor(self) -> tuple[int, datetime | None]:
        rows = self._pool.rows(
            "select next, at from ledger.forwarded where server = %s", (str(self._server),)
        )
        return (rows[0]["next"], rows[0]["at"]) if rows else (0, None)

    def _advance(self, start: int, end: int) -> bool:
        with self._pool.transaction() as connection:
            row = connection.execute(
                "select ledger.forward(%s, %s, %s, %s) as done",
                (str(self._server), start, end, self._clock()),
            ).fetchone()
        return bool(row and row["done"])
