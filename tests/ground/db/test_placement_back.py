"""What the policy knew of patients survives a way back and the upgrade after it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from building import PATIENT, Building
from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.db.migrate import FOLDER

SQL = FOLDER / "sql"


def run(database: Database, name: str) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute((SQL / name).read_text(encoding="utf-8"))  # type: ignore[arg-type]


def test_back_and_forth(database: Database, tmp_path: Path) -> None:
    building = Building(database, tmp_path)
    kept = (
        "select since, departments from chart.placed where patient = %s"
        " and departments <> '{}' order by number"
    )
    before = building.rows(kept, PATIENT)
    assert [row["departments"] for row in before] == [["cardiology"]]
    run(database, "0018_placement.down.sql")
    assert building.rows("select to_regclass('chart.placed') as gone") == [{"gone": None}]
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute(
            "update chart.patient set departments = '{cardiology,surgery}' where patient = %s",
            (PATIENT,),
        )
    run(database, "0018_placement.sql")
    after = building.rows(kept, PATIENT)
    assert after[0] == before[0], "what was known before is known again"
    assert after[-1]["departments"] == ["cardiology", "surgery"], "and what is now"
    assert building.floor.chart.then(PATIENT, before[0]["since"]).facts.departments == {
        "cardiology"
    }
    for times in range(2):
        run(database, "0018_placement.down.sql")
        run(database, "0018_placement.sql")
        assert len(building.rows(kept, PATIENT)) == 3 + times
    building.close()


@pytest.mark.parametrize(
    "attempt",
    (
        "update chart.placed set departments = '{}'",
        "delete from chart.placed",
        "truncate chart.placed",
    ),
)
def test_not_even_the_owner_changes_what_was_known(module_database: Database, attempt: str) -> None:
    with psycopg.connect(module_database.owner_conninfo) as owner:
        with pytest.raises(psycopg.DatabaseError) as refused:
            owner.execute(attempt)  # type: ignore[arg-type]
        assert refused.value.sqlstate == "CSA01"


def test_no_role_lists_what_was_known(module_database: Database) -> None:
    for role in DbRole:
        pool = module_database.pool(role).within(WHOLE)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            pool.rows("select from chart.placed")
