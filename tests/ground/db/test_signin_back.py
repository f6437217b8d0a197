"""The migration of sign-in can be taken back and applied again, with people and signatures."""

from __future__ import annotations

from pathlib import Path

import psycopg

from building import Building
from countersign.ground.db import Database
from countersign.ground.db.migrate import FOLDER
from countersign.ground.signoff import RiskClass

SQL = FOLDER / "sql"


def run(database: Database, name: str) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute((SQL / name).read_text(encoding="utf-8"))  # type: ignore[arg-type]


def test_back_and_forth(database: Database, tmp_path: Path) -> None:
    building = Building(database, tmp_path)
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("wang", draft)
    before = building.rows("select id, signer_id, decision from signoff.signature")
    accounts = building.rows("select * from identity.account order by username")
    run(database, "0011_signin.down.sql")
    assert building.rows("select to_regclass('identity.factor') as gone") == [{"gone": None}]
    assert building.rows("select id, signer_id, decision from signoff.signature") == before
    run(database, "0011_signin.sql")
    assert building.rows("select * from identity.account order by username") == accounts
    # The first signature is kept; the second is given under the rule that is in force again.
    building._tokens.clear()
    building.countersign("li", draft)
    assert building.state(draft) == "signed"
    building.close()
