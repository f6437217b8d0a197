"""One transaction of another part together with the events that it must not happen without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from psycopg import Connection
from psycopg.rows import DictRow

from .event import Event, Receipt
from .merkle import leaf_hash
from .store import append_and_commit

Dated = Callable[[Event], tuple[bytes, datetime]]
"""Gives an event its time and its bytes."""


class Unit:
    """What ``Ledger.unit`` hands out: rows by ``connection``, events by ``record``."""

    def __init__(self, connection: Connection[DictRow], dated: Dated) -> None:
        self.connection = connection
        self.receipts: tuple[Receipt, ...] = ()
        self._dated = dated
        self._events: list[tuple[bytes, datetime]] = []

    def record(self, event: Event) -> None:
        """Adds an event; its receipt is in ``receipts`` (in this order) after the commit."""
        self._events.append(self._dated(event))

    def commit(self) -> None:
        """Appends the events as the last statement and commits; called by ``Ledger.unit``."""
        if not self._events:
            self.connection.commit()
            return
        first = append_and_commit(self.connection, [body for body, _ in self._events])
        self.receipts = tuple(
            Receipt(first + place, leaf_hash(body).hex(), at)
            for place, (body, at) in enumerate(self._events)
        )
