"""The schema goes back as long as the earlier version can read all that is there."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from conftest import SECRET
from countersign.ground.db import Database, downgrade, migrate
from ground.vault.stage import content, staged

BEFORE = "0008_signoff"
TRIGGERS = (
    "select tgrelid::regclass::text, tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
    " join pg_namespace n on n.oid = c.relnamespace where not tgisinternal"
    " and n.nspname in ('vault', 'chart', 'signoff') order by 1, 2"
)


def test_back_and_forth(database: Database, tmp_path: Path) -> None:
    owner = database.owner_conninfo
    with staged(database, tmp_path / "keys") as stage:
        stage.patients("p")
        stage.write(stage.vault(), "p", 1)
        newer = stage.owner(TRIGGERS)
    database.close()
    downgrade(owner, BEFORE, set_aside=True)
    older = stage.owner(TRIGGERS)
    assert {name for _, name in older}.isdisjoint({"only_resealed", "living_key_added"})
    assert ("chart.version", "append_only") in older
    migrate(owner, SECRET)
    again = Database(owner, SECRET, pool_size=4)
    with staged(again, tmp_path / "keys") as stage:
        assert stage.owner(TRIGGERS) == newer
        assert stage.read(stage.vault(), "p", 1) == content("p", 1)
        stage.owner("drop schema set_aside cascade")  # its copies would lose their keys
        stage.rotate()
    again.close()
    with pytest.raises(psycopg.Error, match="Restore a backup"):
        downgrade(owner, BEFORE, set_aside=True)
