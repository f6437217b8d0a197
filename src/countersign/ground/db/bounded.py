"""A connection that waits for the server only so long, so that a hung one hangs nobody."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

LOCK = 30
"""Seconds that a statement waits for a lock that somebody else holds."""

CONNECT = 5
"""Seconds for a new connection."""


class BoundedConnection(Connection[DictRow]):
    """Gives up on an answer after ``patience`` seconds and closes itself.

    A server that is stopped or hangs keeps its sockets open: without this a page would wait
    for ever. The server's own ``statement_timeout`` does not run while it is stopped.
    """

    patience = 300.0

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **more: Any) -> Any:
        """Raises OperationalError when the answer does not come in time."""
        return super().wait(self._within(gen), *args, **more)

    def _within(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        until = time.monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                came = yield wanted
                if not came and time.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server does not answer in time")
                wanted = gen.send(came)
        except StopIteration as end:
            return end.value
