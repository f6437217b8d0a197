"""Brings a database to the newest schema, one migration after the other."""

from __future__ import annotations

from pathlib import Path

from psycopg import OperationalError, connect, sql

from .bounded import CONNECT
from .pools import DatabaseUnavailable, DbRole, password

FOLDER = Path(__file__).parent / "migrations"


def migrate(owner_conninfo: str, secret: bytes) -> None:
    """Makes the login roles, then applies what is missing; safe to repeat.

    ``owner_conninfo`` must name a login that may create roles, schemas and extensions.
    Raises DatabaseUnavailable.
    """
    try:
        _roles(owner_conninfo, secret)
    except OperationalError as problem:
        raise DatabaseUnavailable from problem
    if present(owner_conninfo) != newest():
        _upgrade(owner_conninfo)


def newest() -> str:
    """The revision that this version of the software needs; files are named by revision."""
    return max(file.stem for file in (FOLDER / "versions").glob("[0-9]*.py"))


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

    statements = (FOLDER / "sql" / name).read_text(encoding="utf-8")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()


def _upgrade(owner_conninfo: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["conninfo"] = owner_conninfo
    command.upgrade(config, "head")


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
