"""Brings a database to the newest schema, one migration after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import OperationalError, connect, sql

from countersign.kit.errors import CountersignError

from .bounded import CONNECT
from .pools import DatabaseUnavailable, DbRole, password

FOLDER = Path(__file__).parent / "migrations"

SERVING = "-- while serving: yes"
"""The line of a migration that the previous version does not notice while it serves."""


class SchemaTooNew(CountersignError):
    code = "database.schema_too_new"
    status = 500
    message = (
        "The database stands at {present}, and this version knows no more than {newest}. Start "
        "the newer version, or let its “countersign downgrade” take the database back."
    )


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration that waits, and whether the previous version may serve while it runs."""

    revision: str
    while_serving: bool


def migrate(
    owner_conninfo: str, secret: bytes, zone: str = "Asia/Shanghai", to: str = "head"
) -> None:
    """Makes the login roles, then applies what is missing up to ``to``; safe to repeat.

    ``owner_conninfo`` must name a login that may create roles, schemas and extensions.
    ``zone`` is the hospital's time zone, by whose calendar a licence is valid today.
    Raises DatabaseUnavailable and SchemaTooNew.
    """
    try:
        _roles(owner_conninfo, secret)
    except OperationalError as problem:
        raise DatabaseUnavailable from problem
    if pending(owner_conninfo):
        _upgrade(owner_conninfo, to)
    _set_calendar(owner_conninfo, zone)


def _set_calendar(owner_conninfo: str, zone: str) -> None:
    with connect(owner_conninfo) as connection:
        known = connection.execute("select to_regclass('house.calendar')").fetchone()
        if known is not None and known[0] is not None:
            connection.execute(
                "update house.calendar set zone = %(zone)s where zone <> %(zone)s", {"zone": zone}
            )


def pending(owner_conninfo: str) -> list[Pending]:
    """What must still be applied, the oldest first. Raises SchemaTooNew."""
    at, known = present(owner_conninfo), sorted(_revisions())
    if at and at not in known:
        raise SchemaTooNew(present=at, newest=newest())
    return [Pending(one, _while_serving(one)) for one in known if one > at]


def newest() -> str:
    """The revision that this version of the software needs; files are named by revision."""
    return max(_revisions())


def _revisions() -> list[str]:
    return [file.stem for file in (FOLDER / "versions").glob("[0-9]*.py")]


def _while_serving(revision: str) -> bool:
    """Whether the file says that the old version may go on serving meanwhile."""
    file = sql_file(f"{revision}.sql")
    return file.is_file() and SERVING in file.read_text(encoding="utf-8").splitlines()


def sql_file(name: str) -> Path:
    """Where a file of SQL lies, such as ``0008_signoff.sql`` or ``0008_signoff.down.sql``."""
    return FOLDER / "sql" / name


def present(owner_conninfo: str) -> str:
    """The revision that the database stands at, "" when there is none."""
    with connect(owner_conninfo, connect_timeout=CONNECT) as connection:
        known = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if known is None or known[0] is None:
            return ""
        row = connection.execute("select version_num from public.alembic_version").fetchone()
    return row[0] if row else ""


def apply(name: str) -> None:
    """Runs one SQL file of ``migrations/sql`` inside the migration that calls it."""
    from alembic import op  # slow to load, and a start that finds all in place needs none

    statements = sql_file(name).read_text(encoding="utf-8")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()


def config(owner_conninfo: str) -> Any:
    """What Alembic needs to know."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["conninfo"] = owner_conninfo
    return made


def engine(owner_conninfo: str) -> Any:
    """How Alembic connects: each time anew, as the owner."""
    from sqlalchemy import create_engine, pool

    return create_engine(
        "postgresql+psycopg://", creator=lambda: connect(owner_conninfo), poolclass=pool.NullPool
    )


def _upgrade(owner_conninfo: str, to: str) -> None:
    from alembic import command

    command.upgrade(config(owner_conninfo), to)


def _roles(owner_conninfo: str, secret: bytes) -> None:
    with connect(owner_conninfo) as connection:
        connection.execute("select pg_advisory_xact_lock(73101)")
        for role in DbRole:
            known = connection.execute(
                "select 1 from pg_roles where rolname = %s", (str(role),)
            ).fetchone()
            statement = (
                "alter role {} login password {}"
                if known
                else (
                    "create role {} login nosuperuser nocreatedb nocreaterole noinherit password {}"
                )
            )
            connection.execute(
                sql.SQL(statement).format(
                    sql.Identifier(str(role)), sql.Literal(password(secret, role))
                )
            )
