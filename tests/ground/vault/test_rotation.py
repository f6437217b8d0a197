"""Keys rotate while everybody works, and no row is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.vault import (
    SealedFileProvider,
    Undeclared,
    Unreadable,
    Vault,
    rotate_wrapping,
    take_census,
)
from countersign.ground.vault.resealing import DataRotation
from ground.vault.stage import Stage, content, staged


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    with staged(database, tmp_path / "keys") as made:
        yield made


def furnished(stage: Stage, patients: int = 6, rows: int = 7) -> Vault:
    vault = stage.vault()
    names = [f"p{number}" for number in range(patients)]
    stage.patients(*names)
    for name in names:
        for number in range(rows):
            stage.write(vault, name, number)
    return vault


def everything_opens(stage: Stage, vault: Vault, patients: int = 6, rows: int = 7) -> None:
    for patient in range(patients):
        for number in range(rows):
            assert stage.read(vault, f"p{patient}", number) == content(f"p{patient}", number)


def test_every_key_comes_under_the_next_wrapping_key(stage: Stage) -> None:
    vault = furnished(stage)
    provider = SealedFileProvider(stage.folder)
    seen: list[tuple[int, int]] = []
    report = rotate_wrapping(
        vault.store.pool, provider, stage.batches, lambda *step: seen.append(step), batch=2
    )
    assert report.complete and not report.resumed
    assert (report.version, report.keys, report.damaged) == (2, 6, 0)
    assert seen == [(2, 6), (4, 6), (6, 6)]
    assert report.census.wrapping == ((2, 6),)
    everything_opens(stage, stage.vault())
    told = [event for event in stage.events() if event.kind == "keys-rotated"]
    assert [event.detail["phase"] for event in told] == ["begun", "finished"]
    assert told[-1].commits["census"] == report.census.sha256()
    # A process that began before makes its next key under the new version.
    vault.ensure(["later"])
    assert take_census(vault.store.pool).wrapping == ((2, 7),)


def test_an_interrupted_rotation_of_wrapping_keys_is_finished(stage: Stage) -> None:
    pool = furnished(stage).store.pool

    class Torn(Exception):
        pass

    def tear(done: int, total: int) -> None:
        raise Torn

    for _ in range(2):
        with pytest.raises(Torn):
            rotate_wrapping(pool, SealedFileProvider(stage.folder), stage.batches, tear, batch=2)
    assert take_census(pool).wrapped_stragglers == 2
    report = rotate_wrapping(pool, SealedFileProvider(stage.folder), stage.batches)
    assert report.complete and report.resumed
    assert (report.version, report.keys) == (2, 2)


def test_a_damaged_key_is_reported_and_not_hidden(stage: Stage) -> None:
    pool = furnished(stage).store.pool
    stage.owner("update vault.data_key set wrapped = set_byte(wrapped, 3, 1) where subject = 'p3'")
    report = rotate_wrapping(pool, SealedFileProvider(stage.folder), stage.batches)
    assert not report.complete
    assert (report.keys, report.damaged, report.census.wrapped_stragglers) == (5, 1, 1)


def test_every_row_is_sealed_again_and_nothing_else_of_it_changes(stage: Stage) -> None:
    vault = furnished(stage)
    unchanged = (
        "select type, id, version, patient, at, author, sha256 from chart.version order by 2"
    )
    before, boxes = stage.owner(unchanged), stage.owner("select box from chart.version")
    report = stage.rotate()
    assert report.complete and not report.resumed
    assert (report.generation, report.keys, report.rows) == (2, 6, 42)
    assert (report.retired, report.damaged) == (6, 0)
    assert stage.owner(unchanged) == before
    assert not set(boxes) & set(stage.owner("select box from chart.version"))
    everything_opens(stage, vault)
    everything_opens(stage, stage.vault())
    resealed = [event for event in stage.events() if event.kind == "data-resealed"]
    assert sum(int(event.detail["rows"]) for event in resealed) == 42
    gone = stage.owner("select count(*) from vault.data_key where cause = 'rotated'")
    assert gone == [(6,)]
    assert stage.rotate().generation == 3


def test_an_interrupted_rotation_of_data_keys_is_finished(stage: Stage) -> None:
    store = furnished(stage, patients=60, rows=2).store

    class Torn(Exception):
        pass

    def tear(done: int, total: int) -> None:
        raise Torn

    with pytest.raises(Torn):
        DataRotation(store, stage.batches, tear, grace=0).run()
    half = take_census(store.pool)
    assert 0 < half.stragglers < 120
    report = stage.rotate()
    assert report.complete and report.resumed
    assert report.generation == 2
    everything_opens(stage, stage.vault(), patients=60, rows=2)


def test_reads_and_writes_succeed_throughout(stage: Stage) -> None:
    furnished(stage)
    stop, failures = threading.Event(), list[Exception]()
    written: list[tuple[str, int]] = []

    def work(number: int) -> None:
        vault, turn = stage.vault(kept_seconds=0.05), 0
        try:
            while not stop.is_set():
                turn += 1
                stage.read(vault, f"p{turn % 6}", turn % 7)
                stage.write(vault, f"p{turn % 6}", 1000 * (number + 1) + turn)
                written.append((f"p{turn % 6}", 1000 * (number + 1) + turn))
        except Exception as failure:  # noqa: BLE001 - whatever it was, the test must know
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    store = stage.vault().store
    try:
        for _ in range(2):
            report = DataRotation(store, stage.batches, grace=0.2).run()
            rotate_wrapping(store.pool, store.provider, stage.batches)
            assert report.census.lost == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert len(written) > 10
    assert stage.rotate().complete
    for patient, number in written:
        assert stage.read(stage.vault(), patient, number) == content(patient, number)


def test_a_row_that_was_altered_stays_and_is_reported(stage: Stage) -> None:
    furnished(stage)
    stage.owner("alter table chart.version disable trigger append_only")
    stage.owner(
        "update chart.version set box = set_byte(box, 20, 255 - get_byte(box, 20))"
        " where id = 'p1-1'"
    )
    stage.owner("alter table chart.version enable always trigger append_only")
    report = stage.rotate()
    assert not report.complete
    assert (report.damaged, report.rows, report.retired) == (1, 41, 5)
    assert report.census.stragglers == 1
    with pytest.raises(Unreadable):
        stage.read(stage.vault(), "p1", 1)


def test_a_key_under_which_something_lies_is_not_destroyed(stage: Stage) -> None:
    vault = furnished(stage, patients=1, rows=1)
    stage.owner("update vault.head set generation = 2")
    vault.store.next_versions([("p0", 2)])
    old = stage.owner("select min(id) from vault.data_key")[0][0]
    assert vault.store.pool.rows("select vault.retire(%s) as gone", ([old],)) == [{"gone": []}]


def test_nothing_is_written_under_a_key_that_is_no_more(stage: Stage) -> None:
    vault = furnished(stage, patients=1, rows=1)
    vault.seal("p0", b"", "c")  # holds the key that the rotation replaces
    assert stage.rotate().retired == 1
    with pytest.raises(psycopg.Error, match="no more"):
        stage.write(vault, "p0", 99)
    vault.forget("p0")
    stage.write(vault, "p0", 99)


def test_a_new_sealed_table_cannot_be_forgotten(stage: Stage) -> None:
    furnished(stage)
    stage.owner("create table identity.fresh (suite smallint, key_id bigint, box bytea)")
    census = take_census(stage.database.pool(DbRole.VAULT))
    assert census.undeclared == ("identity.fresh",)
    with pytest.raises(Undeclared, match="identity.fresh"):
        stage.rotate()
    stage.owner("create table identity.half (photo_box bytea, photo_key_id bigint)")
    census = take_census(stage.database.pool(DbRole.VAULT))
    assert census.undeclared == ("identity.fresh", "identity.half")


PLAIN = r"(sha256|hash|hashes|digest|root|body|content|wrapped|proof|salt|challenge)$"


def test_every_column_of_bytes_is_a_hash_or_declared_as_sealed(stage: Stage) -> None:
    """Whoever adds a column of bytes says here, or in a migration, what lies in it."""
    unknown = stage.owner(
        "select n.nspname || '.' || c.relname || '.' || a.attname from pg_attribute a"
        " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped"
        " and a.atttypid = 'bytea'::regtype and n.nspname !~ '^(pg_|information_schema)'"
        " and a.attname !~ %s and not (a.attname = 'box' and exists (select from"
        " vault.sealed_table s where s.name = n.nspname || '.' || c.relname))",
        PLAIN,
    )
    assert unknown == []
    assert take_census(stage.database.pool(DbRole.VAULT)).undeclared == ()


WAYS = [
    "update chart.version set author = 'me'",
    "update chart.version set key_id = key_id",
    "insert into vault.resealing (name, transaction)"
    " values ('chart.version', pg_current_xact_id());"
    " update chart.version set author = 'me'",
    "insert into vault.resealing (name, transaction)"
    " values ('chart.version', pg_current_xact_id());"
    " update chart.version set box = box",
    "insert into vault.resealing (name, transaction)"
    " values ('chart.version', pg_current_xact_id()); delete from chart.version",
]


@pytest.mark.parametrize("way", WAYS)
def test_append_only_is_not_weakened(stage: Stage, way: str) -> None:
    furnished(stage, patients=1, rows=1)
    with pytest.raises(psycopg.Error) as refused:
        stage.owner(way)
    assert refused.value.sqlstate == "CSA01"


def test_a_row_is_not_sealed_again_without_a_leaf(stage: Stage) -> None:
    vault = furnished(stage, patients=1, rows=1)
    stage.owner("update vault.head set generation = 2")
    vault.store.next_versions([("p0", 2)])
    fresh = stage.vault().seal("p0", content("p0", 0), "Observation/p0-0/1")
    row = stage.owner("select ctid::text, substr(box, 1, 12) from chart.version")[0]
    with (
        pytest.raises(psycopg.Error) as refused,
        stage.database.pool(DbRole.VAULT).transaction() as connection,
    ):
        connection.execute(
            "select vault.reseal('chart.version', %s::tid[], %s::bytea[], %s::smallint[],"
            " %s::bigint[], %s::bytea[])",
            ([row[0]], [row[1]], [fresh.suite], [fresh.key_id], [fresh.box]),
        )
    assert refused.value.sqlstate == "CSG12"


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.VAULT], ids=str)
def test_only_the_vault_may_seal_again_or_destroy(stage: Stage, role: DbRole) -> None:
    calls = [
        "select vault.reseal('chart.version', '{}', '{}', '{}', '{}', '{}')",
        "select vault.retire('{}')",
        "select * from vault.boxes('chart.version', '{}', '(0,0)', 1)",
        "select vault.shred('p', 'c', 't', now())",
        "select vault.demand_wrapping(9)",
        "select chart.forget('p')",
        "select vault.declare_sealed('chart.current', '1')",
    ]
    for call in calls:
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            stage.database.pool(role).transaction() as connection,
        ):
            connection.execute(call)  # type: ignore[arg-type]
