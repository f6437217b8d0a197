"""Collections of cases: sealed, released by a curator, never changed, gone when withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from building import STAFF, WORKER, Building
from countersign.ground.db import WHOLE, Database, DbRole, Scope
from countersign.ground.identity import Forbidden
from countersign.ground.library import BadCollection, UnknownCollection, WrongState

CONTENT = {"course": "hyperkalaemia"}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=STAFF)
    yield made
    made.close()


def filled(building: Building, *departments: str, few: int = 1) -> str:
    cases = building.floor.cases
    made = cases.start(building.who("li"), "Hearts", departments)
    entries = [("p1", False, CONTENT), *[(f"q{one}", True, CONTENT) for one in range(few)]]
    cases.fill(WORKER, made, entries)
    return made


def rows(building: Building, query: str) -> list[dict[str, object]]:
    return building.database.pool(DbRole.ROOM).within(WHOLE).rows(query)  # type: ignore[arg-type]


def test_a_collection_is_made_released_read_and_withdrawn(building: Building) -> None:
    cases, senior, doctor = building.floor.cases, building.who("li"), building.who("wang")
    made = filled(building, "cardiology")
    assert made not in {one.id for one in cases.all(doctor)}, "not before it is released"
    assert cases.one(senior, made).entries == 2
    cases.release(senior, made, small=False)
    found = cases.one(doctor, made)
    assert (found.name, found.state, found.entries, found.few) == ("Hearts", "released", 1, 0)
    assert [one.content for one in cases.entries(made)] == [CONTENT]
    cases.withdraw(senior, made)
    assert cases.entries(made) == []
    with pytest.raises(UnknownCollection):
        cases.one(doctor, made)
    changes = building.events(f"cases:{made}")
    assert {one.detail["change"] for one in changes} == {
        "started", "built", "released", "withdrawn"
    }  # fmt: skip


def test_small_groups_stay_only_where_the_curator_says_so(building: Building) -> None:
    made = filled(building, "cardiology", few=3)
    building.floor.cases.release(building.who("li"), made, small=True)
    assert building.floor.cases.one(building.who("wang"), made).entries == 4


def test_another_department_neither_reads_nor_curates(building: Building) -> None:
    cases = building.floor.cases
    made = filled(building, "cardiology")
    cases.release(building.who("li"), made, small=True)
    with pytest.raises(UnknownCollection):
        cases.one(building.who("stranger"), made)
    assert made not in {one.id for one in cases.all(building.who("stranger"))}
    for name in ("wang", "nurse", "admin", "auditor"):
        with pytest.raises(Forbidden):
            cases.start(building.who(name), "Mine", ["cardiology"])
    with pytest.raises(Forbidden):
        cases.start(building.who("li"), "Others'", ["surgery"])


def test_a_collection_of_the_whole_house_is_for_all_who_treat(building: Building) -> None:
    made = filled(building)
    building.floor.cases.release(building.who("li"), made, small=True)
    for name in ("stranger", "nurse"):
        assert building.floor.cases.one(building.who(name), made).id == made
    with pytest.raises(UnknownCollection):
        building.floor.cases.one(building.who("auditor"), made)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\nb"])
def test_a_collection_needs_a_name(building: Building, name: str) -> None:
    with pytest.raises(BadCollection):
        building.floor.cases.start(building.who("li"), name, ["cardiology"])


def test_no_step_leads_back(building: Building) -> None:
    cases, senior = building.floor.cases, building.who("li")
    made = filled(building, "cardiology")
    with pytest.raises(WrongState):
        cases.fill(WORKER, made, [("p2", False, CONTENT)])
    cases.release(senior, made, small=True)
    with pytest.raises(WrongState):
        cases.release(senior, made, small=True)
    cases.withdraw(senior, made)
    with pytest.raises(WrongState):
        cases.release(senior, made, small=True)


def test_the_database_keeps_cases_as_they_were_made(building: Building) -> None:
    made = filled(building, "cardiology")
    pool = building.database.pool(DbRole.ROOM).within(WHOLE)
    with pytest.raises(psycopg.Error):
        pool.rows("update cases.entry set small = false returning place")
    with pytest.raises(psycopg.Error):
        pool.rows("delete from cases.step where collection_id = %s returning id", (made,))
    unscoped = building.database.pool(DbRole.ROOM)
    assert unscoped.rows("select 1 from cases.entry") == []
    assert unscoped.rows("select 1 from cases.collection") == []
    assert unscoped.rows("select 1 from cases.step") == []


def test_the_database_shows_and_takes_no_step_of_another_department(building: Building) -> None:
    made = filled(building, "cardiology")
    pool = building.database.pool(DbRole.ROOM)
    others = pool.within(Scope(departments=frozenset({"surgery"}), person="x"))
    own = pool.within(Scope(departments=frozenset({"cardiology"}), person="x"))
    for table, name in (
        ("collection", "id"),
        ("step", "collection_id"),
        ("entry", "collection_id"),
    ):
        looked = f"select 1 from cases.{table} where {name} = %s"  # noqa: S608
        assert others.rows(looked, (made,)) == []  # type: ignore[arg-type]
        assert own.rows(looked, (made,)) != []  # type: ignore[arg-type]
    step = (
        "insert into cases.step (collection_id, state, actor) values (%s, 'withdrawn', 'x')"
        " returning id"
    )
    with pytest.raises(psycopg.Error):
        others.rows(step, (made,))
    assert building.floor.cases.one(building.who("li"), made).state == "built"
    assert len(own.rows(step, (made,))) == 1


def test_nothing_readable_lies_in_the_tables(building: Building) -> None:
    filled(building, "cardiology")
    for table in ("entry", "collection"):
        for row in rows(building, f"select box from cases.{table}"):  # noqa: S608
            assert b"hyperkalaemia" not in bytes(row["box"])  # type: ignore[arg-type]
            assert b"Hearts" not in bytes(row["box"])  # type: ignore[arg-type]


def test_who_refuses_is_taken_out_of_every_collection(building: Building) -> None:
    cases = building.floor.cases
    made = filled(building, "cardiology")
    assert cases.take_out(["p1"]) >= 1
    assert [one.place for one in cases.entries(made)] == [1]
