"""What can be found out about a database from outside, for the doctor."""

from __future__ import annotations

import psycopg

from .migrate import newest
from .pools import Database, DbRole


def schema(owner_conninfo: str) -> tuple[str, str]:
    """The revision that the database stands at ("" when there is none) and the one needed."""
    with psycopg.connect(owner_conninfo) as connection:
        known = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if known is None or known[0] is None:
            return "", newest()
        row = connection.execute("select version_num from public.alembic_version").fetchone()
    return (row[0] if row else ""), newest()


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
