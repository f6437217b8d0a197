"""That a person proved a moment ago to be at the screen, in this very session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from psycopg import Connection
from psycopg.errors import RaiseException
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .errors import SignedOut, StepUpNeeded
from .principal import Principal

LONGEST = timedelta(minutes=60)
"""The most that the database lets a proof count for."""


class Way(StrEnum):
    """By what somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    OPENID = "openid"


@dataclass(frozen=True, slots=True)
class Proved:
    """A proof that fits. ``settle`` uses it up, within the transaction that acts on it."""

    way: Way
    settle: Callable[[Connection[DictRow]], None]


class Presences:
    """The rows of ``identity.presence``; their times are the database's."""

    def __init__(self, pool: Pool, clock: Clock, new_id: NewId, valid: timedelta) -> None:
        """``valid`` is how long a proof counts, at most LONGEST."""
        self._pool = pool
        self._clock = clock
        self._new_id = new_id
        self.valid = min(valid, LONGEST)

    def record(self, connection: Connection[DictRow], person: str, session: str, way: Way) -> str:
        """Writes a proof within the caller's transaction. Raises SignedOut."""
        presence, now = self._new_id(), self._clock()
        try:
            connection.execute(
                "insert into identity.presence values (%s, %s, %s, %s, %s, %s)",
                (presence, person, session, str(way), now, now + self.valid),
            )
        except RaiseException as problem:
            raise SignedOut from problem
        return presence

    def fresh(self, principal: Principal) -> str | None:
        """The newest proof of this person in this session that still counts, or None."""
        if principal.session is None:
            return None
        rows = self._pool.rows(
            "select p.id from identity.presence p join identity.session s on s.id = p.session_id"
            " where p.session_id = %s and p.person_id = %s and p.until > clock_timestamp()"
            " and s.ended_at is null order by p.until desc limit 1",
            (principal.session, principal.id),
        )
        return rows[0]["id"] if rows else None

    def required(self, principal: Principal) -> str:
        """The same. Raises StepUpNeeded."""
        presence = self.fresh(principal)
        if presence is None:
            raise StepUpNeeded
        return presence
