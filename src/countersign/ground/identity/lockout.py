"""Slows down whoever tries passwords, whether or not the name exists."""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .errors import Locked

FREE = 5
"""Failures before the first delay."""

FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
"""Quiet time after which earlier failures count no more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that may go on: how many failures it is counted as, refusals before it."""

    name_hash: bytes
    failures: int
    refused: int


def tidy(username: str) -> str:
    """The one form of a name to sign in with."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def delay(failures: int) -> timedelta:
    """How long the next attempt must wait: 30 s after the fifth failure, then doubling."""
    if failures < FREE:
        return timedelta(0)
    return min(FIRST * 2 ** min(failures - FREE, 16), LONGEST)


class Attempts:
    """Counts every attempt as a failure before the password is tried.

    So no number of attempts at the same moment tries more than five passwords.
    """

    def __init__(self, pool: Pool, key: bytes) -> None:
        self._pool = pool
        self._key = key

    def name_hash(self, username: str) -> bytes:
        """A keyed hash under which a name, known or not, is counted and recorded."""
        tidied = tidy(username).encode("utf-8", "replace")
        return hmac.digest(self._key, b"name at sign-in\n" + tidied, "sha256")

    def begin(self, username: str, now: datetime) -> Attempt:
        """Counts an attempt. Raises Locked with the seconds to wait."""
        name_hash = self.name_hash(username)
        with self._pool.transaction() as connection:
            row = _row(connection, name_hash, now)
            waiting = row["locked_until"] - now
            quiet = now - row["last_at"] > FORGOTTEN
            failures = 1 if quiet else row["failures"] + 1
            if waiting > timedelta(0):
                connection.execute(
                    "update identity.attempt set refused = refused + 1 where name_hash = %s",
                    (name_hash,),
                )
            else:
                connection.execute(
                    "update identity.attempt set failures = %s, refused = 0, locked_until = %s,"
                    " last_at = %s where name_hash = %s",
                    (failures, now + delay(failures), now, name_hash),
                )
            _prune(connection, now)
        if waiting > timedelta(0):
            raise Locked(seconds=-(-waiting // timedelta(seconds=1)))
        return Attempt(name_hash, failures, row["refused"])

    def clear(self, connection: Connection[DictRow], name_hash: bytes) -> None:
        """The right password was given: earlier failures count no more."""
        connection.execute("delete from identity.attempt where name_hash = %s", (name_hash,))


def _row(connection: Connection[DictRow], name_hash: bytes, now: datetime) -> DictRow:
    connection.execute(
        "insert into identity.attempt values (%s, 0, 0, %s, %s) on conflict do nothing",
        (name_hash, now, now),
    )
    row = connection.execute(
        "select failures, refused, locked_until, last_at from identity.attempt"
        " where name_hash = %s for update",
        (name_hash,),
    ).fetchone()
    # The row may be deleted by a success between the two statements: then begin anew.
    return row or _row(connection, name_hash, now)


def _prune(connection: Connection[DictRow], now: datetime) -> None:
    """Names long quiet, skipping those in use: it must not wait while it holds a row."""
    connection.execute(
        "delete from identity.attempt where name_hash in (select name_hash from identity.attempt"
        " where last_at < %s and locked_until < %s order by last_at limit 100"
        " for update skip locked)",
        (now - FORGOTTEN, now),
    )
