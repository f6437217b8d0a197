"""The rows of accounts: whose name it is, which hash, and whether they still hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.kit.clock import Clock

from .errors import BadValue, NameTaken, NotFound, WrongPassword
from .lockout import tidy
from .passwords import Passwords, check

LONGEST_NAME = 64

_ACCOUNT = """
select a.username, a.person_id as person, p.name, a.password_hash as hashed
from identity.account a join identity.person p on p.id = a.person_id
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An open account of somebody who has not left."""

    username: str
    person: str
    name: str
    hashed: str = field(repr=False)


class Credentials:
    """Reads and writes ``identity.account`` with DbRole.IDENTITY."""

    def __init__(self, pool: Pool, passwords: Passwords, clock: Clock) -> None:
        self._pool = pool
        self._passwords = passwords
        self._clock = clock

    def named(self, username: str) -> Account | None:
        """The account that a name opens, or None."""
        username = tidy(username)
        if not username.isprintable() or len(username) > LONGEST_NAME:
            return None
        rows = self._pool.rows(
            _ACCOUNT + "where a.username = %s and a.closed_at is null and p.left_at is null",
            (username,),
        )
        return Account(**rows[0]) if rows else None

    def of(self, person: str) -> Account:
        """The account of a person. Raises NotFound."""
        rows = self._pool.rows(
            _ACCOUNT + "where a.person_id = %s and a.closed_at is null", (person,)
        )
        if not rows:
            raise NotFound
        return Account(**rows[0])

    def fresh(self, username: str, name: str, password: str) -> str:
        """The hash of a new password. Raises what is wrong with it."""
        check(password, username, name)
        return self._passwords.hash(password)

    def insert(
        self, connection: Connection[DictRow], username: str, person: str, hashed: str
    ) -> None:
        """Writes a new account. Raises NameTaken, NotFound."""
        try:
            connection.execute(
                "insert into identity.account (username, person_id, password_hash, changed_at)"
                " values (%s, %s, %s, %s)",
                (username, person, hashed, self._clock()),
            )
        except UniqueViolation as problem:
            raise NameTaken from problem
        except ForeignKeyViolation as problem:
            raise NotFound from problem

    def replace(self, connection: Connection[DictRow], username: str, hashed: str) -> None:
        """Writes a new password's hash."""
        connection.execute(
            "update identity.account set password_hash = %s, changed_at = %s where username = %s",
            (hashed, self._clock(), username),
        )

    def close(self, connection: Connection[DictRow], person: str) -> bool:
        """The account opens no more; False when it was closed or never there."""
        closed = connection.execute(
            "update identity.account set closed_at = %s where person_id = %s and closed_at is null",
            (self._clock(), person),
        )
        return closed.rowcount > 0

    def hold(self, connection: Connection[DictRow], account: Account) -> None:
        """Locks the row until the commit. Raises WrongPassword if it changed meanwhile."""
        row = connection.execute(
            "select password_hash, closed_at from identity.account where username = %s for update",
            (account.username,),
        ).fetchone()
        if row is None or row["closed_at"] or row["password_hash"] != account.hashed:
            raise WrongPassword


def good_name(username: str) -> str:
    """The one form of a name for a new account. Raises BadValue."""
    username = tidy(username)
    if not 1 <= len(username) <= LONGEST_NAME or not username.isprintable():
        raise BadValue(field="username")
    return username
