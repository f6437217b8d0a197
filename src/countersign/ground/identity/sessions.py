"""Server-side sessions: the browser holds a random token, the database only its hash."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.vault import Sealed
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .errors import BadCsrf
from .fresh import Fresh
from .principal import Principal, Purpose
from .rights import ABSOLUTE, AHEAD, IDLE, principal_of, session_row

TOUCH = timedelta(minutes=1)
"""How coarsely the last use of a session is written down."""

NewToken = Callable[[], str]
"""Returns a fresh token of 256 random bits."""


def new_token() -> str:
    """256 random bits as text that fits a cookie or a header."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token: 256 random bits need no slow hash."""
    return sha256(token.encode("utf-8", "replace")).digest()


def csrf_of(token: str) -> str:
    """The token that a session's forms carry; the session's own token cannot be told from it."""
    return hmac.digest(token.encode("utf-8", "replace"), b"csrf", "sha256").hex()


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. It ends at ``ends_at`` at the latest, or 30 minutes after its last use."""

    id: str
    principal: Principal
    opened_at: datetime
    seen_at: datetime
    csrf: str = field(repr=False)

    @property
    def ends_at(self) -> datetime:
        return self.opened_at + ABSOLUTE

    def check_csrf(self, given: str) -> None:
        """Raises BadCsrf unless ``given`` is this session's own token for forms."""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.csrf.encode()):
            raise BadCsrf


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A line of the list of sessions."""

    id: str
    person: str
    name: str
    purpose: Purpose
    opened_at: datetime
    seen_at: datetime


class Sessions:
    """The table of sessions and what this process remembers of it for two seconds."""

    def __init__(self, pool: Pool, clock: Clock, new_id: NewId, zone: tzinfo) -> None:
        self._pool = pool
        self._clock = clock
        self._new_id = new_id
        self._zone = zone
        self._fresh: Fresh[Session] = Fresh()

    def find(self, token: str) -> Session | None:
        """The open session of a token, or None. One query, or none within two seconds."""
        now = self._clock()
        key = token_hash(token)
        known = self._fresh.get(key, now)
        if known is not None:
            return known
        era = self._fresh.era()
        row = session_row(self._pool, key, now, self._zone)
        if row is None:
            return None
        if now - row["seen_at"] > TOUCH:
            self._touch(key, now)
        session = Session(
            row["id"], principal_of(row, now), row["opened_at"], row["seen_at"], csrf_of(token)
        )
        if not session.principal.lent:  # a delegation that ends, ends at once in every process
            self._fresh.keep(key, session, now, era)
        return session

    def open(
        self,
        connection: Connection[DictRow],
        token: str,
        person: str,
        purpose: Purpose,
        since: datetime | None = None,
    ) -> str:
        """Writes a new session within the caller's transaction and returns its identifier.

        ``since`` is when the one that it continues was opened, which it does not outlive.
        """
        session = self._new_id()
        now = self._clock()
        connection.execute(
            "insert into identity.session (id, token_hash, person_id, purpose, opened_at, seen_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            (session, token_hash(token), person, str(purpose), since or now, now),
        )
        return session

    def provide(self, connection: Connection[DictRow], session: str, provided: Sealed) -> None:
        """Keeps what the provider's session ends with, and no longer than a session can last."""
        connection.execute(
            "delete from identity.provided p using identity.session s where s.id = p.session_id"
            " and (s.ended_at is not null or s.opened_at < %s)",
            (self._clock() - ABSOLUTE,),
        )
        connection.execute(
            "insert into identity.provided values (%s, %s, %s, %s)",
            (session, provided.suite, provided.key_id, provided.box),
        )

    def carry(self, connection: Connection[DictRow], old: str, new: str) -> None:
        """What the provider's session ends with goes over to the session that continues."""
        connection.execute(
            "update identity.provided set session_id = %s where session_id = %s", (new, old)
        )

    def end(self, connection: Connection[DictRow], token: str) -> DictRow | None:
        """Ends a token's session; the id and person of the one that was still open."""
        return connection.execute(
            "update identity.session set ended_at = %s"
            " where token_hash = %s and ended_at is null returning id, person_id",
            (self._clock(), token_hash(token)),
        ).fetchone()

    def end_one(self, connection: Connection[DictRow], session: str) -> DictRow | None:
        """Ends a session by its identifier."""
        return connection.execute(
            "update identity.session set ended_at = %s"
            " where id = %s and ended_at is null returning id, person_id",
            (self._clock(), session),
        ).fetchone()

    def end_all(self, connection: Connection[DictRow], person: str) -> int:
        """Ends every session of a person; how many were open."""
        return connection.execute(
            "update identity.session set ended_at = %s where person_id = %s and ended_at is null",
            (self._clock(), person),
        ).rowcount

    def forget(self) -> None:
        """To be called after a change was committed, so that it takes effect here at once."""
        self._fresh.forget()

    def all(self, person: str | None = None) -> tuple[OpenSession, ...]:
        """The sessions open now, of everyone or of one person, the last used first."""
        now = self._clock()
        rows = self._pool.rows(
            "select s.id, s.person_id, p.name, s.purpose, s.opened_at, s.seen_at"
            " from identity.session s join identity.person p on p.id = s.person_id"
            " where s.ended_at is null and s.opened_at > %(oldest)s and s.seen_at > %(idle)s"
            " and s.seen_at < %(ahead)s"
            " and (%(person)s::text is null or s.person_id = %(person)s)"
            " order by s.seen_at desc, s.id",
            {
                "oldest": now - ABSOLUTE,
                "idle": now - IDLE,
                "ahead": now + AHEAD,
                "person": person,
            },
        )
        return tuple(
            OpenSession(
                row["id"],
                row["person_id"],
                row["name"],
                Purpose(row["purpose"]),
                row["opened_at"],
                row["seen_at"],
            )
            for row in rows
        )

    def owner(self, session: str) -> str | None:
        """Whose session it is, open or not."""
        rows = self._pool.rows("select person_id from identity.session where id = %s", (session,))
        return rows[0]["person_id"] if rows else None

    def _touch(self, key: bytes, now: datetime) -> None:
        with self._pool.transaction() as connection:
            connection.execute(
                "update identity.session set seen_at = %s where token_hash = %s and seen_at < %s",
                (now, key, now),
            )
