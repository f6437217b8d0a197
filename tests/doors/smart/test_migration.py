"""The schema of apps goes and comes back, and nobody but identity may look at it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.db.migrate import FOLDER

TABLES = ("app", "app_launch", "app_request", "app_grant", "app_token", "app_assertion")


def text(name: str) -> str:
    return Path(FOLDER / "sql" / name).read_text(encoding="utf-8")


def test_down_and_up_again(database: Database) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        for name, left in (("0015_smart.down.sql", 0), ("0015_smart.sql", len(TABLES))):
            owner.execute(text(name))  # type: ignore[arg-type]
            found = owner.execute(
                "select count(*) from pg_tables where schemaname = 'identity'"
                " and tablename like 'app%'"
            ).fetchone()
            assert found == (left,)


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.IDENTITY])
def test_no_other_role_reads_or_writes_them(database: Database, role: DbRole) -> None:
    for table in TABLES:
        for statement in (f"select * from identity.{table}", f"delete from identity.{table}"):
            with (
                psycopg.connect(database.conninfo(role)) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement)  # type: ignore[arg-type]
