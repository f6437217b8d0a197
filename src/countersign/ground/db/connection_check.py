"""What can be found out about a database from outside, for the doctor."""

from __future__ import annotations

import psycopg

from .bounded import BoundedConnection
from .migrate import newest, present
from .pools import Database, DbRole


def answers(conninfo: str, seconds: int) -> bool:
    """Whether a new connection can be had and answers, each within so many seconds.

    Raises psycopg.OperationalError when it does not.
    """

    class Hurried(BoundedConnection):
        """Waits less than a page does."""

    Hurried.patience = float(seconds)
    with Hurried.connect(conninfo, connect_timeout=seconds) as connection:
        connection.execute("select 1")
    return True


def schema(owner_conninfo: str) -> tuple[str, str]:
    """The revision that the database stands at ("" when there is none) and the one needed."""
    return present(owner_conninfo), newest()


def roles(owner_conninfo: str, secret: bytes) -> list[str]:
    """The login roles that cannot log in with the password derived from ``secret``."""
    database = Database(owner_conninfo, secret)
    refused: list[str] = []
    for role in DbRole:
        try:
            psycopg.connect(database.conninfo(role), connect_timeout=3).close()
        except psycopg.Error:
            refused.append(str(role))
    return refused
