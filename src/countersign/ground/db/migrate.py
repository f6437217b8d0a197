"""Brings a database to the newest schema, one migration after the other."""

from __future__ import annotations

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import connect, sql

from .pools import DbRole, password

FOLDER = Path(__file__).parent / "migrations"


def migrate(owner_conninfo: str, secret: bytes) -> None:
    """Makes the login roles, then applies what is missing; safe to repeat.

    ``owner_conninfo`` must name a login that may create roles, schemas and extensions.
    """
    _roles(owner_conninfo, secret)
    command.upgrade(_config(owner_conninfo), "head")


def newest() -> str:
    """The revision that this version of the software needs."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def apply(name: str) -> None:
    """Runs one SQL file of ``migrations/sql`` inside the migration that calls it."""
    statements = (FOLDER / "sql" / name).read_text(encoding="utf-8")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()


def _config(owner_conninfo: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["conninfo"] = owner_conninfo
    return config


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
