"""Codes on paper, each good once, for whoever has lost the telephone or the key."""

from __future__ import annotations

import base64
import hmac
import secrets

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.kit.clock import Clock

HOW_MANY = 10
BYTES = 10
"""80 random bits: too many to guess, so that a fast keyed hash is enough to keep of them."""


class RecoveryCodes:
    """The rows of ``identity.recovery``; always within the caller's transaction."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def renew(self, connection: Connection[DictRow], person: str) -> tuple[str, ...]:
        """Fresh codes, shown this once; every earlier one is worth nothing."""
        codes = tuple(_fresh() for _ in range(HOW_MANY))
        self.drop(connection, person)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into identity.recovery (person_id, code_hash, made_at) values (%s, %s, %s)",
                [(person, self._hash(person, one), self._clock()) for one in codes],
            )
        return codes

    def spend(self, connection: Connection[DictRow], person: str, given: str) -> bool:
        """Uses a code up; False when it is none of the person's or was used before."""
        done = connection.execute(
            "update identity.recovery set used_at = %s"
            " where person_id = %s and code_hash = %s and used_at is null",
            (self._clock(), person, self._hash(person, given)),
        )
        return done.rowcount == 1

    def left(self, connection: Connection[DictRow], person: str) -> int:
        """How many codes are unused."""
        row = connection.execute(
            "select count(*) as n from identity.recovery where person_id = %s and used_at is null",
            (person,),
        ).fetchone()
        return row["n"] if row else 0

    def drop(self, connection: Connection[DictRow], person: str) -> None:
        """No code of the person's is worth anything any more."""
        connection.execute("delete from identity.recovery where person_id = %s", (person,))

    def _hash(self, person: str, given: str) -> bytes:
        return hmac.digest(self._key, f"{person}\n{_plain(given)}".encode(), "sha256")


def _fresh() -> str:
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _plain(given: str) -> str:
    return "".join(sign for sign in given.upper() if sign.isascii() and sign.isalnum())
