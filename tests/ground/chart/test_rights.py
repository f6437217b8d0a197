"""Each database role can do to the chart what its duty asks and nothing else."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from countersign.ground.db import DbRole, Scope
from ground.chart.hospital import Hospital, observation, patient, transaction

INSERT: LiteralString = (
    "insert into chart.version (type, id, version, patient, at, origin, release_id, author,"
    " suite, key_id, box, sha256) values ('Observation', %s, %s, 'p1', now(), %s, %s, 'x', 1, 1,"
    " '\\x00', sha256('x'))"
)


@pytest.fixture(scope="module")
def house(shared_hospital: Hospital) -> Hospital:
    shared_hospital.take(transaction(patient("p1"), patient("p2"), observation("o1")))
    shared_hospital.take(transaction(observation("o1", status="amended")))
    return shared_hospital


def run(
    house: Hospital, role: DbRole, query: LiteralString, values: tuple[object, ...] = ()
) -> None:
    everything = Scope(whole=True, patients=frozenset({"p1", "p2"}))
    with house.database.pool(role).within(everything).transaction() as connection:
        connection.execute(query, values or None)


@pytest.mark.parametrize("role", list(DbRole))
def test_nobody_changes_or_deletes_what_was_written(house: Hospital, role: DbRole) -> None:
    queries: tuple[LiteralString, ...] = (
        "update chart.version set author = 'x'",
        "delete from chart.version",
        "truncate chart.version cascade",
        "delete from chart.current",
        "truncate chart.current",
        "delete from chart.patient",
        "alter table chart.version disable trigger append_only",
        "alter table chart.version disable row level security",
        "drop policy receive on chart.version",
    )
    for query in queries:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(house, role, query)


def test_not_even_the_owner_changes_a_version(house: Hospital) -> None:
    with psycopg.connect(house.database.owner_conninfo, autocommit=True) as owner:
        for query in ("update chart.version set author = 'x'", "delete from chart.version"):
            with pytest.raises(psycopg.DatabaseError, match="append-only"):
                owner.execute(query)
        with pytest.raises(psycopg.DatabaseError, match="stays in the chart"):
            owner.execute("delete from chart.current")


@pytest.mark.parametrize(
    ("origin", "release"), [("released", "r1"), ("released", None), ("received", "r1"), ("x", None)]
)
def test_the_receiver_cannot_release(house: Hospital, origin: str, release: str | None) -> None:
    with pytest.raises(psycopg.DatabaseError):
        run(house, DbRole.RECEIVER, INSERT, ("new", 1, origin, release))


@pytest.mark.parametrize(
    ("origin", "release"),
    [("received", None), ("entered", None), ("released", None), ("released", "r1")],
)
def test_the_sender_writes_released_work_alone_and_only_with_its_release(
    house: Hospital, origin: str, release: str | None
) -> None:
    with pytest.raises(psycopg.DatabaseError):
        run(house, DbRole.SENDER, INSERT, ("new", 1, origin, release))


def test_the_receiver_adds_versions_in_order(house: Hospital) -> None:
    for number in (1, 2):
        run(house, DbRole.RECEIVER, INSERT, ("line", number, "received", None))
    for number in (2, 4):
        with pytest.raises(psycopg.DatabaseError):
            run(house, DbRole.RECEIVER, INSERT, ("line", number, "received", None))
    with pytest.raises(psycopg.DatabaseError):
        run(house, DbRole.RECEIVER, INSERT, ("gap", 2, "received", None))


READERS = {DbRole.ROOM, DbRole.RECEIVER, DbRole.SENDER}
WRITERS = {DbRole.RECEIVER, DbRole.SENDER}


@pytest.mark.parametrize("role", [role for role in DbRole if role not in WRITERS])
def test_no_other_role_writes(house: Hospital, role: DbRole) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(house, role, INSERT, ("new", 1, "received", None))
    queries: tuple[LiteralString, ...] = (
        "update chart.current set deleted = true",
        "update chart.patient set departments = '{x}'",
        "insert into chart.patient (patient) values ('x')",
    )
    for query in queries:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(house, role, query)


@pytest.mark.parametrize("role", [role for role in DbRole if role not in READERS])
def test_no_other_role_reads(house: Hospital, role: DbRole) -> None:
    queries: tuple[LiteralString, ...] = ("select * from chart.version", "table chart.current")
    for query in queries:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(house, role, query)


@pytest.mark.parametrize("role", sorted(WRITERS))
def test_a_current_version_moves_forward_and_keeps_its_patient(
    house: Hospital, role: DbRole
) -> None:
    queries: tuple[LiteralString, ...] = (
        "update chart.current set version = 1 where id = 'o1'",
        "update chart.current set version = 9 where id = 'o1'",
        "update chart.current set patient = 'p2', version = 3 where id = 'o1'",
        "update chart.current set id = 'o9' where id = 'o1'",
    )
    for query in queries:
        with pytest.raises(psycopg.DatabaseError):
            run(house, role, query)
