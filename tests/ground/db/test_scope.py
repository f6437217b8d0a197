"""A connection that does not say for whom it reads sees nobody, whatever it asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql

from building import IMPORTER, Building
from countersign.ground.db import WHOLE, Database, DbRole, Scope, migrate, naming
from countersign.ground.db.scope import NO_SCOPE, SET_SCOPE
from countersign.kit.ids import new_id

TABLES = (
    "chart.patient",
    "chart.version",
    "chart.current",
    "chart.seen_patient",
    "chart.seen_current",
    "signoff.draft",
    "signoff.signature",
    "signoff.expiry",
    "signoff.working",
    "signoff.state",
    "release.released",
)
READERS = (
    DbRole.ROOM,
    DbRole.RECEIVER,
    DbRole.SIGNER,
    DbRole.SENDER,
    DbRole.AUDITOR,
)
PATIENT_OF = {
    "signoff.expiry": "(select d.patient from signoff.draft d where d.id = draft_id)",
    "signoff.working": "(select d.patient from signoff.draft d where d.id = draft_id)",
}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    """Two patients of two departments, each with drafts in every state."""
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    made.floor.chart.receive(
        IMPORTER,
        {"resourceType": "Organization", "id": "lab", "name": "Laboratory"},
        source="test",
        keep_ids=True,
    )
    for patient, signer in (("p1", "wang"), ("p2", "stranger")):
        made.released(signer, patient=patient)
        old = made.drafted(patient=patient, topic=f"one:{patient}")
        made.open(signer, old)
        made.signoff.working.save(made.who(signer), old, "en", "unfinished")
        made.drafted(patient=patient, topic=f"one:{patient}", fingerprint=new_id())
    yield made
    made.close()


def granted(building: Building, role: DbRole) -> list[str]:
    """The tables and views that the role may read at all."""
    query = "select has_table_privilege(%s, %s, 'select') as may"
    return [name for name in TABLES if building.rows(query, str(role), name)[0]["may"]]


def patients(building: Building, role: DbRole, scope: Scope | None, table: str) -> set[str | None]:
    """Whose rows a query without any filter shows; None stands for the house's own."""
    pool = building.database.pool(role)
    column = PATIENT_OF.get(table, "patient")
    statement = sql.SQL("select {} as patient from {}").format(
        sql.SQL(column),  # pyright: ignore[reportArgumentType]
        sql.Identifier(*table.split(".")),
    )
    rows = (pool.within(scope) if scope else pool).rows(statement)
    return {row["patient"] for row in rows}


@pytest.mark.parametrize("role", READERS, ids=str)
def test_without_a_scope_every_table_is_empty(building: Building, role: DbRole) -> None:
    tables = granted(building, role)
    assert tables or role is DbRole.SIGNER
    for table in tables:
        assert patients(building, role, None, table) == set(), table


@pytest.mark.parametrize("role", READERS, ids=str)
def test_an_empty_scope_shows_no_patient(building: Building, role: DbRole) -> None:
    for table in granted(building, role):
        assert patients(building, role, Scope(), table) <= {None}, table


@pytest.mark.parametrize("role", (DbRole.ROOM, DbRole.SIGNER), ids=str)
@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope(departments=frozenset({"cardiology"})), {"p1"}),
        (Scope(departments=frozenset({"surgery", "nowhere"})), {"p2"}),
        (naming(["p1"]), {"p1"}),
        (naming(["p1", "p2"]), {"p1", "p2"}),
        (Scope(person="nobody"), set[str]()),
        (Scope(departments=frozenset({'"', "{", ",", "\\"})), set[str]()),
        (WHOLE, {"p1", "p2"}),
    ],
    ids=("department", "other department", "one", "two", "stranger", "odd signs", "whole"),
)
def test_a_scope_shows_its_patients_and_no_others(
    building: Building, role: DbRole, scope: Scope, seen: set[str]
) -> None:
    for table in granted(building, role):
        if table == "signoff.working":
            continue  # one's own texts only, whoever the patient is
        assert patients(building, role, scope, table) - {None} == seen, table


@pytest.mark.parametrize("role", (DbRole.SENDER, DbRole.RECEIVER), ids=str)
def test_who_writes_charts_sees_no_department(building: Building, role: DbRole) -> None:
    scope = Scope(departments=frozenset({"cardiology", "surgery"}))
    for table in granted(building, role):
        assert patients(building, role, scope, table) <= {None}, table


def test_unfinished_texts_are_their_writers_alone(building: Building) -> None:
    for name, seen in (("wang", {"p1"}), ("stranger", {"p2"}), ("li", set[str]())):
        scope = Scope(person=building.people[name], patients=frozenset({"p1", "p2"}))
        assert patients(building, DbRole.ROOM, scope, "signoff.working") == seen
    assert patients(building, DbRole.ROOM, WHOLE, "signoff.working") == set()


def test_what_is_named_answers_with_facts_and_nothing_else(building: Building) -> None:
    pool = building.database.pool(DbRole.ROOM)
    assert pool.rows("select * from chart.facts(array['p1'])") == []
    (row,) = pool.within(Scope()).rows("select * from chart.facts(array['p1'])")
    facts = {"patient", "departments", "care_team", "sensitivity", "labels", "refused"}
    assert set(row) == facts
    (row,) = pool.within(Scope()).rows("select * from chart.facts_at('Observation', 'o2')")
    assert row["patient"] == "p2" and "box" not in row


def test_a_connection_forgets_its_scope_before_the_next_one_uses_it(building: Building) -> None:
    pool = building.database.pool(DbRole.ROOM)
    for _ in range(12):
        assert pool.within(WHOLE).rows("select patient from chart.patient")
        assert pool.rows("select patient from chart.patient") == []
        with pool.within(naming(["p2"])).transaction() as connection:
            (row,) = connection.execute("select patient from chart.patient").fetchall()
            assert row["patient"] == "p2"
        with pytest.raises(ZeroDivisionError), pool.within(WHOLE).transaction():
            raise ZeroDivisionError
        assert pool.rows("select patient from chart.patient") == []


def test_the_views_for_lists_show_what_the_tables_show(building: Building) -> None:
    scopes = (
        WHOLE,
        Scope(),
        naming(["p1"]),
        Scope(departments=frozenset({"surgery"})),
        Scope(person=building.people["wang"], departments=frozenset({"cardiology"})),
    )
    for scope in scopes:
        for table in ("patient", "current"):
            plain = patients(building, DbRole.ROOM, scope, f"chart.{table}")
            assert patients(building, DbRole.ROOM, scope, f"chart.seen_{table}") == plain


def test_an_empty_setting_is_the_same_as_none(building: Building) -> None:
    with building.database.pool(DbRole.ROOM).transaction() as connection:
        connection.execute(SET_SCOPE, NO_SCOPE)
        assert connection.execute("select from chart.current").fetchall() == []


def test_down_and_up_again_keeps_every_row(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    from countersign.ground.db.migrate import FOLDER, present

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["conninfo"] = database.owner_conninfo
    command.downgrade(config, "0012_access-1")
    assert present(database.owner_conninfo) != "0012_access"
    assert database.pool(DbRole.ROOM).rows("select from chart.current") == []
    migrate(database.owner_conninfo, b"a secret of the tests")
    assert present(database.owner_conninfo) >= "0012_access"
