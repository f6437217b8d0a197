"""The schema goes back as long as the earlier version can read all that is there."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database
from ground.vault.stage import content, staged

SQL = files("countersign.ground.db") / "migrations" / "sql"
TRIGGERS = (
    "select tgrelid::regclass::text, tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
    " join pg_namespace n on n.oid = c.relnamespace where not tgisinternal"
    " and n.nspname in ('vault', 'chart', 'signoff') order by 1, 2"
)


def test_back_and_forth(database: Database, tmp_path: Path) -> None:
    with staged(database, tmp_path / "keys") as stage:
        stage.patients("p")
        stage.write(stage.vault(), "p", 1)
        newer = stage.owner(TRIGGERS)
        stage.owner((SQL / "0009_vault_rotation.down.sql").read_text())
        older = stage.owner(TRIGGERS)
        assert {name for _, name in older}.isdisjoint({"only_resealed", "living_key_added"})
        assert ("chart.version", "append_only") in older
        stage.owner((SQL / "0009_vault_rotation.sql").read_text())
        assert stage.owner(TRIGGERS) == newer
        assert stage.read(stage.vault(), "p", 1) == content("p", 1)
        stage.rotate()
        with pytest.raises(psycopg.Error, match="Restore a backup"):
            stage.owner((SQL / "0009_vault_rotation.down.sql").read_text())
