"""Takes a database back to an earlier schema, in one transaction, or leaves it as it is."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor, connect, sql

from countersign.kit.errors import CountersignError

from .migrate import config, engine, present, sql_file
from .pools import DbRole

ASIDE = "set_aside"
"""The schema of what a way back would lose; only the owner can read it."""

_KEEPS = re.compile(r"^-- keeps: (.+)$", re.MULTILINE)


class NoWayBack(CountersignError):
    code = "database.no_way_back"
    status = 500
    message = "There is no way back before {revision}. Restore the backup of before the upgrade."


class UnknownRevision(CountersignError):
    code = "database.unknown_revision"
    status = 500
    message = "{revision} is no revision below the present one, {present}. Known are: {known}."


class WouldLose(CountersignError):
    code = "database.would_lose"
    status = 500
    message = (
        "The way back would lose {lost}. Nothing was changed. Restore the backup of before the "
        "upgrade, or say --set-aside to keep a copy in the schema “set_aside”."
    )


class HouseInUse(CountersignError):
    code = "database.house_in_use"
    status = 500
    message = "Countersign is running on this database ({connections} connections). Stop it first."


@dataclass(frozen=True, slots=True)
class Lost:
    """What one step back takes away: a table, a column or deleted rows; how many rows it held.

    ``keeps`` is what the step's file says it does with them, "" when it says nothing.
    """

    revision: str
    what: str
    rows: int
    keeps: str = ""

    def __str__(self) -> str:
        said = f" ({self.keeps})" if self.keeps else ""
        return f"{self.rows} rows of {self.what} with {self.revision}{said}"


def downgrade(
    owner_conninfo: str, to: str, *, set_aside: bool = False, rehearse: bool = False
) -> list[Lost]:
    """Takes the schema back to ``to``; returns what that took away.

    Everything happens in one transaction. ``set_aside`` copies what would be lost into the
    schema ``set_aside``; ``rehearse`` does everything and then takes it back. Raises
    UnknownRevision, NoWayBack, WouldLose, HouseInUse, and nothing is changed then.
    """
    steps = way_back(owner_conninfo, to)
    lost: list[Lost] = []
    with _owner(owner_conninfo) as (settings, connection, cursor):
        _check_unused(cursor.connection)
        for revision, below in steps:
            lost += _step(settings, connection, cursor, revision, below, set_aside)
        unkept = [one for one in lost if not one.keeps]
        if unkept and not set_aside:
            raise WouldLose(lost="; ".join(map(str, unkept)))
        if not rehearse:
            connection.commit()
    return lost


def way_back(owner_conninfo: str, to: str) -> list[tuple[str, str]]:
    """Each step from the present revision to ``to``: the revision undone, the one below it.

    Raises UnknownRevision and NoWayBack.
    """
    from alembic.script import ScriptDirectory

    at = present(owner_conninfo)
    script = ScriptDirectory.from_config(config(owner_conninfo))
    known = [one.revision for one in script.walk_revisions()]  # the newest comes first
    below = known[known.index(at) + 1 :] if at in known else []
    if to not in below:
        raise UnknownRevision(revision=to, present=at, known=", ".join(below) or "none")
    steps = known[known.index(at) : known.index(to) + 1]
    for revision in steps[:-1]:
        if not hasattr(script.get_revision(revision).module, "downgrade"):
            raise NoWayBack(revision=revision)
    return list(zip(steps, steps[1:], strict=False))


def check_unused(owner_conninfo: str) -> None:
    """Raises HouseInUse while a process of the product is connected to this database."""
    with connect(owner_conninfo) as connection:
        _check_unused(connection)


def _check_unused(connection: Connection[Any]) -> None:
    row = connection.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and usename = any(%s)",
        ([str(role) for role in DbRole],),
    ).fetchone()
    if row is not None and row[0]:
        raise HouseInUse(connections=row[0])


@contextmanager
def _owner(owner_conninfo: str) -> Generator[tuple[Any, Any, Cursor[Any]]]:
    """Alembic's configuration, its connection inside a transaction, and a plain cursor on it."""
    settings = config(owner_conninfo)
    with engine(owner_conninfo).connect() as connection:
        connection.exec_driver_sql("select pg_advisory_xact_lock(73102)")
        # A rule of row security would hide from the owner what is about to be lost.
        connection.exec_driver_sql("set local row_security = off")
        settings.attributes["connection"] = connection
        with connection.connection.cursor() as cursor:
            yield settings, connection, cursor


def _step(
    settings: Any, connection: Any, cursor: Cursor[Any], revision: str, below: str, set_aside: bool
) -> list[Lost]:
    """Tries the step, looks what is gone, counts that as it was before, and does it again."""
    from alembic import command

    before, deleted = _columns(cursor), _deleted(cursor)
    with connection.begin_nested() as trial:
        command.downgrade(settings, below)
        after = _columns(cursor)
        gone = [
            (table, sorted(columns - after.get(table, set())), table not in after)
            for table, columns in before.items()
            if columns - after.get(table, set())
        ]
        emptied = [
            (table, count - deleted.get(table, 0))
            for table, count in _deleted(cursor).items()
            if count > deleted.get(table, 0) and table in before and table in after
        ]
        trial.rollback()
    keeps = _keeps(revision)
    lost = [
        Lost(revision, _named(table, [] if whole else columns), rows, keeps)
        for table, columns, whole in gone
        if (rows := _rows(cursor, table, [] if whole else columns))
    ]
    lost += [Lost(revision, _named(table, []), rows, keeps) for table, rows in emptied]
    if set_aside and not keeps:
        for table in dict.fromkeys([one[0] for one in gone] + [one[0] for one in emptied]):
            _set_aside(cursor, revision, table)
    command.downgrade(settings, below)
    return lost


Table = tuple[str, str]


def _columns(cursor: Cursor[Any]) -> dict[Table, set[str]]:
    cursor.execute(
        "select n.nspname, c.relname, a.attname from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'"
        " and n.nspname not in ('information_schema', %s)"
        " and (n.nspname, c.relname) <> ('public', 'alembic_version')",
        (ASIDE,),
    )
    found: dict[Table, set[str]] = {}
    for schema, table, column in cursor.fetchall():
        found.setdefault((schema, table), set()).add(column)
    return found


def _deleted(cursor: Cursor[Any]) -> dict[Table, int]:
    """Rows that this transaction deleted so far, by table."""
    cursor.execute("select schemaname, relname, n_tup_del from pg_stat_xact_user_tables")
    return {
        (schema, table): count
        for schema, table, count in cursor.fetchall()
        if (schema, table) != ("public", "alembic_version")
    }


def _rows(cursor: Cursor[Any], table: Table, columns: Sequence[str]) -> int:
    """Rows of a table, or those with a value in one of ``columns``."""
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table))
    if columns:
        some = sql.SQL(", ").join(map(sql.Identifier, columns))
        query += sql.SQL(" where num_nonnulls({}) > 0").format(some)
    row = cursor.execute(query).fetchone()
    return int(row[0]) if row else 0


def _set_aside(cursor: Cursor[Any], revision: str, table: Table) -> None:
    cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(ASIDE)))
    stem = f"{revision[:4]}_{table[0]}_{table[1]}"[:58]
    row = cursor.execute(
        "select count(*) from pg_tables where schemaname = %s and starts_with(tablename, %s)",
        (ASIDE, f"{stem}_"),
    ).fetchone()
    name = f"{stem}_{(row[0] if row else 0) + 1}"
    cursor.execute(
        sql.SQL("create table {} as table {}").format(
            sql.Identifier(ASIDE, name), sql.Identifier(*table)
        )
    )


def _keeps(revision: str) -> str:
    """What the step's file says it does with the data, in its line ``-- keeps:``."""
    file = sql_file(f"{revision}.down.sql")
    found = _KEEPS.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    return found[1].strip() if found else ""


def _named(table: Table, columns: Sequence[str]) -> str:
    name = ".".join(table)
    return f"{name} ({', '.join(columns)})" if columns else name
