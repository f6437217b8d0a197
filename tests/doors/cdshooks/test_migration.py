"""The schema of hooks goes and comes back, and each table is its own role's."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.db.migrate import FOLDER

TABLES = {
    DbRole.IDENTITY: ("identity.cds_client", "identity.cds_user", "identity.cds_token"),
    DbRole.ROOM: ("signoff.card", "signoff.card_outcome", "signoff.card_call"),
}


def text(name: str) -> str:
    return Path(FOLDER / "sql" / name).read_text(encoding="utf-8")


def test_down_and_up_again(database: Database) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        for name, left in (("0025_hooks.down.sql", 0), ("0025_hooks.sql", 6)):
            owner.execute(text(name))  # type: ignore[arg-type]
            found = owner.execute(
                "select count(*) from pg_tables where tablename like 'cds\\_%'"
                " or schemaname = 'signoff' and tablename in"
                " ('card', 'card_outcome', 'card_call')"
            ).fetchone()
            assert found == (left,)


@pytest.mark.parametrize("role", list(DbRole))
def test_no_other_role_reads_them_and_none_changes_what_was_shown(
    database: Database, role: DbRole
) -> None:
    for owner, tables in TABLES.items():
        for table in tables:
            ways = [f"select * from {table}"] if role is not owner else []
            if table.startswith("signoff.card") and table != "signoff.card_call":
                ways += [f"update {table} set client_id = ''", f"delete from {table}"]
            for statement in ways:
                with (
                    psycopg.connect(database.conninfo(role)) as connection,
                    pytest.raises(psycopg.DatabaseError),
                ):
                    connection.execute(statement)  # type: ignore[arg-type]
