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
        stage.rotate()
    again.close()
    with pytest.raises(psycopg.Error, match="Restore a backup"):
        downgrade(owner, BEFORE, set_aside=True)


def test_what_a_way_back_set_aside_holds_its_keys_and_nothing_else(
    database: Database, tmp_path: Path
) -> None:
    with staged(database, tmp_path / "keys") as stage:
        stage.patients("p", "q")
        for number, patient in ((1, "p"), (2, "q")):
            stage.write(stage.vault(), patient, number)
        # As “downgrade --set-aside” copies a table; only one of the two keys is in the copy.
        stage.owner("create schema set_aside")
        stage.owner(
            'create table set_aside."0099_chart_version_1" as'
            " select * from chart.version where patient = 'p'"
        )
        living = "select subject, generation from vault.data_key where wrapped is not null order by"
        for generation in (2, 3):
            report = stage.rotate()
            assert (report.generation, report.resumed, report.complete) == (generation, False, True)
            assert report.census.aside == 1 and not report.census.undeclared
            assert stage.read(stage.vault(), "p", 1) == content("p", 1)
            held = [row for row in stage.owner(f"{living} 1, 2") if row[0] in ("p", "q")]
            assert held == [("p", 1), ("p", generation), ("q", generation)]
        stage.owner("drop schema set_aside cascade")
        report = stage.rotate()
        assert (report.generation, report.resumed, report.retired) == (3, True, 1)
        assert report.census.aside == 0 and report.complete
        assert stage.rotate().generation == 4
