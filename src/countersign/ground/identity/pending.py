"""Sign-ins that are half done: who they are is proved once, and a second proof is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.vault import Sealed
from countersign.kit.clock import Clock

from .principal import Purpose, Role
from .sessions import token_hash

PATIENCE = timedelta(minutes=10)
"""How long somebody may look for the telephone, or set one up."""

SIGNERS = frozenset({Role.PHYSICIAN, Role.SENIOR_PHYSICIAN, Role.PATHOLOGIST})
"""Whose licences may sign a draft."""


class SecondFactor(StrEnum):
    """Of whom the hospital demands a second factor; whoever has one is always asked for it."""

    NO = "no"
    SIGNERS = "signers"
    EVERYBODY = "everybody"

    def demanded(self, roles: frozenset[Role]) -> bool:
        """Whether these roles need one."""
        if self is SecondFactor.SIGNERS:
            return bool(roles & SIGNERS)
        return self is SecondFactor.EVERYBODY


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who owes the second proof. ``enrolled`` is False where none was ever set up."""

    person: str
    name: str
    enrolled: bool


class Pendings:
    """The rows of ``identity.pending``: the browser holds the token, the row its hash."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def begin(
        self,
        connection: Connection[DictRow],
        token: str,
        person: str,
        purpose: Purpose,
        provided: Sealed | None,
    ) -> None:
        """Writes a half sign-in; ``provided`` is what the provider's session ends with."""
        now = self._clock()
        connection.execute("delete from identity.pending where expires_at < %s", (now,))
        connection.execute(
            "insert into identity.pending values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                token_hash(token),
                person,
                str(purpose),
                "openid" if provided else "password",
                provided.suite if provided else None,
                provided.key_id if provided else None,
                provided.box if provided else None,
                now + PATIENCE,
            ),
        )

    def find(self, token: str | None) -> Waiting | None:
        """Who waits behind a token, or None when it is used, too old or none."""
        if not token:
            return None
        rows = self._pool.rows(
            "select w.person_id as person, p.name, exists ("
            "   select from identity.factor f where f.person_id = p.id and f.removed_at is null"
            " ) as enrolled"
            " from identity.pending w join identity.person p on p.id = w.person_id"
            " where w.token_hash = %s and w.expires_at > %s and p.left_at is null",
            (token_hash(token), self._clock()),
        )
        return Waiting(**rows[0]) if rows else None

    def take(self, connection: Connection[DictRow], token: str) -> DictRow | None:
        """Uses a half sign-in up."""
        return connection.execute(
            "delete from identity.pending where token_hash = %s and expires_at > %s returning *",
            (token_hash(token), self._clock()),
        ).fetchone()

    def cancel(self, connection: Connection[DictRow], person: str) -> None:
        """Nothing half done of this person's goes on: after a new password, for instance."""
        connection.execute("delete from identity.pending where person_id = %s", (person,))


def first_factor(connection: Connection[DictRow], pending: DictRow) -> bool:
    """Whether the person's first second factor was set up within this very half sign-in."""
    row = connection.execute(
        "select min(added_at) as first from identity.factor"
        " where person_id = %s and removed_at is null",
        (pending["person_id"],),
    ).fetchone()
    began = pending["expires_at"] - PATIENCE
    return row is not None and row["first"] is not None and row["first"] >= began


def has_factor(connection: Connection[DictRow], person: str) -> bool:
    """Whether the person has set up a second factor."""
    row = connection.execute(
        "select from identity.factor where person_id = %s and removed_at is null limit 1",
        (person,),
    ).fetchone()
    return row is not None
