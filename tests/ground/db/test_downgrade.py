"""A way back keeps what it says it keeps, and loses nothing that nobody agreed to lose."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from countersign.ground.db import (
    Database,
    DbRole,
    HouseInUse,
    NoWayBack,
    SchemaTooNew,
    UnknownRevision,
    WouldLose,
    downgrade,
    migrate,
    pending,
    present,
)
from countersign.ground.db import migrate as migrations_function
from countersign.ground.db.migrate import FOLDER, newest

SECRET = b"a secret of the tests"
VERSION = """
from countersign.ground.db.migrate import apply
revision = {revision!r}
down_revision = {below!r}
def upgrade(): apply({revision!r} + ".sql")
"""
BACK = "def downgrade(): apply({revision!r} + '.down.sql')\n"
Add = Callable[..., None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """``add("8001_x", up, down)`` adds a migration above today's newest, in a copy."""
    module = __import__("sys").modules[migrations_function.__module__]
    copy = tmp_path / "migrations"
    shutil.copytree(FOLDER, copy)
    monkeypatch.setattr(module, "FOLDER", copy)

    def add(revision: str, up: str, down: str | None) -> None:
        text = VERSION.format(revision=revision, below=newest())
        (copy / "sql" / f"{revision}.sql").write_text(up)
        if down is not None:
            text += BACK.format(revision=revision)
            (copy / "sql" / f"{revision}.down.sql").write_text(down)
        (copy / "versions" / f"{revision}.py").write_text(text)

    return add


@pytest.fixture
def owner(postgres: str) -> Iterator[str]:
    """A migrated database in which nobody else is."""
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("drop database if exists back with (force)")
        server.execute("create database back template pattern")
    yield make_conninfo(postgres, dbname="back")


def _do(owner: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(owner, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


TABLE = "create table chart.later (id int primary key, said text)"


def test_an_empty_table_goes_and_comes_again(owner: str, add: Add) -> None:
    before = newest()
    add("8001_later", TABLE, "drop table chart.later")
    assert [one.revision for one in pending(owner)] == ["8001_later"]
    migrate(owner, SECRET)
    assert downgrade(owner, before, rehearse=True) == []
    assert present(owner) == "8001_later"
    assert downgrade(owner, before) == []
    assert present(owner) == before
    assert _do(owner, "select to_regclass('chart.later')") == [(None,)]
    migrate(owner, SECRET)
    assert present(owner) == "8001_later"


@pytest.mark.parametrize(
    ("up", "fill", "down", "lost"),
    [
        (TABLE, "insert into chart.later values (1), (2)", "drop table chart.later", 2),
        (
            "create table chart.old (id int); insert into chart.old values (7), (8)",
            "delete from chart.old where id = 8",
            "delete from chart.old; drop table chart.old",
            1,
        ),
    ],
)
def test_rows_are_not_lost_in_silence(
    owner: str, add: Add, up: str, fill: str, down: str, lost: int
) -> None:
    before = newest()
    add("8001_later", up, down)
    migrate(owner, SECRET)
    _do(owner, fill)
    with pytest.raises(WouldLose, match=f"{lost} rows of chart") as refused:
        downgrade(owner, before)
    assert "--set-aside" in refused.value.sentence()
    assert present(owner) == "8001_later", "nothing was changed"
    given_up = downgrade(owner, before, set_aside=True)
    assert [one.rows for one in given_up] == [lost]
    assert present(owner) == before
    (kept,) = _do(owner, "select tablename from pg_tables where schemaname = 'set_aside'")
    assert _do(owner, f'select count(*) from set_aside."{kept[0]}"') == [(lost,)]


def test_a_column_and_deleted_rows_count_too(owner: str, add: Add) -> None:
    add("8001_first", TABLE, "drop table chart.later")
    first = newest()
    add(
        "8002_second",
        "alter table chart.later add column note text",
        "delete from chart.later where id > 1; alter table chart.later drop column note",
    )
    migrate(owner, SECRET)
    _do(owner, "insert into chart.later values (1, 'a', null), (2, 'b', 'n')")
    with pytest.raises(WouldLose) as refused:
        downgrade(owner, first)
    assert "1 rows of chart.later (note)" in refused.value.sentence()
    assert "1 rows of chart.later with 8002_second" in refused.value.sentence()
    assert _do(owner, "select count(*) from chart.later") == [(2,)]
    downgrade(owner, first, set_aside=True)
    assert _do(owner, 'select id, note from set_aside."8002_chart_later_1" order by id') == [
        (1, None),
        (2, "n"),
    ]


def test_a_step_that_says_how_it_keeps_the_rows_may_pass(owner: str, add: Add) -> None:
    before = newest()
    keeps = "-- keeps: in the schema kept, from where the migration takes them again\n"
    add(
        "8001_later",
        TABLE,
        f"{keeps}create schema kept; alter table chart.later set schema kept;",
    )
    migrate(owner, SECRET)
    _do(owner, "insert into chart.later values (1), (2)")
    (one,) = downgrade(owner, before)
    assert (one.rows, one.what) == (2, "chart.later")
    assert one.keeps == "in the schema kept, from where the migration takes them again"
    assert _do(owner, "select count(*) from kept.later") == [(2,)]


def test_a_step_without_a_way_back_stops_all_of_it(owner: str, add: Add) -> None:
    before = newest()
    add("8001_one", TABLE, None)
    add("8002_two", "create table chart.two (id int)", "drop table chart.two")
    migrate(owner, SECRET)
    with pytest.raises(NoWayBack, match="8001_one"):
        downgrade(owner, before)
    assert present(owner) == "8002_two"


def test_a_step_that_fails_leaves_everything(owner: str, add: Add) -> None:
    before = newest()
    add("8001_one", TABLE, "drop table chart.nothing")
    add("8002_two", "create table chart.two (id int)", "drop table chart.two")
    migrate(owner, SECRET)
    with pytest.raises(Exception, match="nothing"):
        downgrade(owner, before)
    assert present(owner) == "8002_two"
    assert _do(owner, "select count(*) from chart.two") == [(0,)]


def test_a_house_that_is_in_use_is_left_alone(owner: str, add: Add) -> None:
    before = newest()
    add("8001_later", TABLE, "drop table chart.later")
    migrate(owner, SECRET)
    database = Database(owner, SECRET)
    with psycopg.connect(database.conninfo(DbRole.ROOM)), pytest.raises(HouseInUse, match="Stop"):
        downgrade(owner, before)
    assert present(owner) == "8001_later"


@pytest.mark.parametrize("to", ["", "9999_future", "0001", "head"])
def test_a_revision_that_is_none_is_named(owner: str, to: str) -> None:
    with pytest.raises(UnknownRevision, match=newest()):
        downgrade(owner, to)
    with pytest.raises(UnknownRevision):
        downgrade(owner, present(owner))


def test_an_old_version_says_that_the_database_is_too_new(owner: str) -> None:
    _do(owner, "update public.alembic_version set version_num = '9999_future'")
    with pytest.raises(SchemaTooNew, match="9999_future"):
        migrate(owner, SECRET)


def test_a_migration_says_whether_the_old_version_may_serve(owner: str, add: Add) -> None:
    add("8001_later", f"-- while serving: yes\n{TABLE}", "drop table chart.later")
    add("8002_later", "-- while serving: yes, perhaps\nselect 1", None)
    assert [one.while_serving for one in pending(owner)] == [True, False]


def test_every_way_back_of_this_version_is_complete() -> None:
    """A file that takes back is used by its migration, and never empties a table unseen."""
    for file in (FOLDER / "sql").glob("*.down.sql"):
        version = FOLDER / "versions" / f"{file.name.removesuffix('.down.sql')}.py"
        assert f'apply("{file.name}")' in version.read_text(), file.name
        assert "truncate" not in file.read_text().lower(), file.name
