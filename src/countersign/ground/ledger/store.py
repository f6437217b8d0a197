"""The ledger's rows: appends event bodies and reads events back."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import DatabaseUnavailable, Pool

from .errors import EventRefused, LedgerUnavailable
from .event import Recorded
from .merkle import leaf_hash
from .query import TALLY, EventPage, EventQuery, Tally, compose

APPEND = "select ledger.append(%b::bytea[]) as first"


class Store:
    """Appends and reads as the role of ``pool``, which is LEDGER."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def append(self, bodies: Sequence[bytes]) -> int:
        """The index of the first of ``bodies``, once all are durable.

        Raises LedgerUnavailable, after which they may or may not have been written, or
        EventRefused, after which they have not.
        """
        try:
            with self._pool.transaction() as connection:
                return _append_at_once(connection, bodies)
        except (psycopg.DataError, psycopg.IntegrityError) as problem:
            raise EventRefused(reason="the database does not accept it") from problem
        except (DatabaseUnavailable, psycopg.Error) as problem:
            raise LedgerUnavailable from problem

    def size(self) -> int:
        """How many leaves there are; raises LedgerUnavailable."""
        try:
            return self._pool.rows("select size from ledger.head")[0]["size"]
        except (DatabaseUnavailable, psycopg.Error) as problem:
            raise LedgerUnavailable from problem

    def written(self, bodies: Sequence[bytes], since: int) -> dict[bytes, int]:
        """Which of ``bodies`` are leaves from the index ``since`` on, and where.

        Raises LedgerUnavailable.
        """
        by_hash = {leaf_hash(body): body for body in bodies}
        try:
            rows = self._pool.rows(
                "select index, leaf_hash from ledger.leaf"
                " where index >= %s and leaf_hash = any(%b)",
                (since, list(by_hash)),
            )
        except (DatabaseUnavailable, psycopg.Error) as problem:
            raise LedgerUnavailable from problem
        return {by_hash[row["leaf_hash"]]: row["index"] for row in rows}

    def events(self, query: EventQuery) -> EventPage:
        """One page, newest first; raises DatabaseUnavailable."""
        statement, values = compose(query)
        rows = self._pool.rows(statement, values)
        found = [Recorded.read(row) for row in rows]
        more = len(found) > max(1, query.limit)
        events = found[:-1] if more else found
        return EventPage(events, events[-1].index if more else None)

    def tally(self, patient: str, kinds: Sequence[str]) -> list[Tally]:
        """One for each actor; raises DatabaseUnavailable."""
        rows = self._pool.rows(TALLY, (patient, list(kinds)))
        return [Tally(**row) for row in rows]


def append_and_commit(connection: Connection[DictRow], bodies: Sequence[bytes]) -> int:
    """Appends and commits the open transaction in one message to the server.

    So the lock on the ledger's head is held for the commit alone, not while this process
    waits for its turn. Raises LedgerUnavailable when the append fails; errors of the commit
    itself (deferred constraints of the caller's tables) stay what they are.
    """
    cursor = connection.cursor()
    try:
        with connection.pipeline():
            cursor.execute(APPEND, (list(bodies),), binary=True)
            connection.commit()
    except psycopg.Error as problem:
        if cursor.description is None:
            raise LedgerUnavailable from problem
        raise
    row = cursor.fetchone()
    if row is None:
        raise LedgerUnavailable
    return row["first"]


def _append_at_once(connection: Connection[DictRow], bodies: Sequence[bytes]) -> int:
    """One statement that is a transaction of its own: one journey to the server, not three."""
    connection.autocommit = True
    try:
        row = connection.execute(APPEND, (list(bodies),), binary=True).fetchone()
    finally:
        if not connection.closed:
            connection.autocommit = False
    if row is None:
        raise LedgerUnavailable
    return row["first"]
