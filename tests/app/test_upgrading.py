"""The commands that change the schema say what they would do, and stop where they must."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from countersign.ground.db.migrate import newest
from furnished import Furnished


def _type(
    furnished: Furnished, *words: str, typed: str = "", **settings: object
) -> subprocess.CompletedProcess[str]:
    command = furnished.command(*words, **settings)
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, input=typed
    )


@pytest.fixture
def empty(furnished: Furnished) -> Iterator[str]:
    """A database beside the house's, with nothing in it."""
    with psycopg.connect(furnished.settings.database or "", autocommit=True) as owner:
        owner.execute("create database empty")
    yield make_conninfo(furnished.settings.database or "", dbname="empty")
    with psycopg.connect(furnished.settings.database or "", autocommit=True) as owner:
        owner.execute("drop database empty with (force)")


def test_an_upgrade_is_planned_done_and_recorded(furnished: Furnished, empty: str) -> None:
    plan = _type(furnished, "upgrade", "--plan", DATABASE=empty)
    assert plan.returncode == 0, plan.stderr
    assert f"{newest()}: stop first" in plan.stdout or f"{newest()}: the previous" in plan.stdout
    done = _type(furnished, "upgrade", DATABASE=empty)
    assert done.returncode == 0, done.stderr
    assert f"stands at {newest()}" in done.stdout
    with psycopg.connect(empty) as owner:
        rows = owner.execute("select body from ledger.event where kind = 'schema-changed'")
        ((body,),) = rows.fetchall()
    assert newest().encode() in bytes(body)
    assert "0 migrations wait" in _type(furnished, "upgrade", DATABASE=empty).stdout


@pytest.mark.parametrize(
    ("to", "code"), [("0007_chart", "database.no_way_back"), ("9999", "database.unknown_revision")]
)
def test_a_way_back_that_is_none_is_said_to_be_none(
    furnished: Furnished, to: str, code: str
) -> None:
    done = _type(furnished, "downgrade", "--to", to, "--yes")
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr and "Traceback" not in done.stderr
    assert _type(furnished, "doctor").returncode == 0, "nothing was changed"
