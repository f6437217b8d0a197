"""Receipts, units, proofs, checkpoints and search on a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from conftest import SECRET
from countersign.ground.db import Database, DatabaseUnavailable, DbRole
from countersign.ground.ledger import (
    Event,
    EventKind,
    EventQuery,
    Ledger,
    LedgerBroken,
    LedgerUnavailable,
    NotInLedger,
    Receipt,
    Signer,
    merkle,
)
from countersign.kit.clock import utc_now
from ground.ledger.known import ORIGIN, START, Owner


def leaves(database: Database) -> list[bytes]:
    rows = database.pool(DbRole.AUDITOR).rows("select index, leaf_hash from ledger.leaf order by 1")
    assert [row["index"] for row in rows] == list(range(len(rows)))
    return [row["leaf_hash"] for row in rows]


def test_a_receipt_names_a_durable_leaf(database: Database, ledger: Ledger, viewed: Event) -> None:
    receipt = ledger.record(viewed)
    (row,) = database.pool(DbRole.AUDITOR).rows("select * from ledger.event")
    assert receipt == Receipt(0, merkle.leaf_hash(row["body"]).hex(), START)
    assert leaves(database) == [bytes.fromhex(receipt.leaf_hash)]
    assert (row["kind"], row["actor"], row["patient"], row["subject"], row["model"], row["at"]) == (
        "chart-viewed",
        "person:1",
        "p1",
        "Patient/p1",
        None,
        START,
    )


def test_two_equal_events_of_one_moment_are_two_different_leaves(
    database: Database, signer: Signer, viewed: Event
) -> None:
    ledger = Ledger(database.pool(DbRole.LEDGER), signer, lambda: START, checkpoint_every=None)
    assert ledger.record(viewed).leaf_hash != ledger.record(viewed).leaf_hash
    ledger.close()


def test_indices_have_no_gaps_under_many_threads_units_and_rollbacks(
    unrestricted: Database, signer: Signer, viewed: Event
) -> None:
    database = unrestricted
    # Two ledgers stand for two processes on one database.
    ledgers = [
        Ledger(database.pool(DbRole.LEDGER), signer, utc_now, deadline=30, checkpoint_every=None)
        for _ in range(2)
    ]
    signer_pool, room_pool = database.pool(DbRole.SIGNER), database.pool(DbRole.ROOM)
    receipts: list[Receipt] = []

    def work(number: int) -> None:
        ledger = ledgers[number % 2]
        for turn in range(6):
            if turn % 3 == 0:
                receipts.append(ledger.record(viewed))
            elif turn % 3 == 1:
                with ledger.unit(signer_pool) as unit:
                    unit.record(viewed)
                    unit.record(viewed)
                receipts.extend(unit.receipts)
            else:
                with (
                    pytest.raises(ZeroDivisionError),
                    ledger.unit(room_pool) as unit,
                ):
                    unit.record(viewed)
                    raise ZeroDivisionError

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.index for receipt in receipts) == list(range(32 * 6))
    stored = leaves(database)
    assert all(stored[receipt.index].hex() == receipt.leaf_hash for receipt in receipts)
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def table(database: Database) -> Iterator[str]:
    """A table of another part, with a constraint that is checked at the commit."""
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("create table public.row (id int unique deferrable initially deferred)")
        owner.execute("grant select, insert on public.row to countersign_signer")
    yield "public.row"


def count(database: Database) -> tuple[int, int]:
    rows = database.pool(DbRole.SIGNER).rows("select count(*) as n from public.row")
    return rows[0]["n"], len(leaves(database))


@pytest.mark.usefixtures("table")
def test_row_and_leaf_are_written_together(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    with ledger.unit(database.pool(DbRole.SIGNER)) as unit:
        unit.connection.execute("insert into public.row values (1)")
        unit.record(viewed)
        unit.record(replace(viewed, kind=EventKind.RELEASED))
        assert count(database) == (0, 0)
        assert unit.receipts == ()
    assert count(database) == (1, 2)
    assert [receipt.index for receipt in unit.receipts] == [0, 1]
    assert [event.kind for event in ledger.events(EventQuery()).events] == [
        "released",
        "chart-viewed",
    ]


@pytest.mark.usefixtures("table")
def test_a_unit_that_fails_leaves_neither_row_nor_leaf(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    with pytest.raises(ZeroDivisionError), ledger.unit(database.pool(DbRole.SIGNER)) as unit:
        unit.connection.execute("insert into public.row values (1)")
        unit.record(viewed)
        raise ZeroDivisionError
    assert count(database) == (0, 0)


@pytest.mark.usefixtures("table")
def test_an_append_that_fails_takes_the_row_back(
    database: Database, ledger: Ledger, viewed: Event, owner: Owner
) -> None:
    owner("revoke execute on function ledger.append(bytea[]) from countersign_signer")
    with pytest.raises(LedgerUnavailable), ledger.unit(database.pool(DbRole.SIGNER)) as unit:
        unit.connection.execute("insert into public.row values (1)")
        unit.record(viewed)
    assert count(database) == (0, 0)
    assert unit.receipts == ()


@pytest.mark.usefixtures("table")
def test_a_constraint_that_fails_at_the_commit_leaves_no_leaf_and_says_why(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    with (
        pytest.raises(psycopg.errors.UniqueViolation),
        ledger.unit(database.pool(DbRole.SIGNER)) as unit,
    ):
        unit.connection.execute("insert into public.row values (1), (1)")
        unit.record(viewed)
    assert count(database) == (0, 0)
    assert ledger.record(viewed).index == 0


@pytest.mark.usefixtures("table")
def test_a_unit_without_events_is_a_plain_transaction(database: Database, ledger: Ledger) -> None:
    with ledger.unit(database.pool(DbRole.SIGNER)) as unit:
        unit.connection.execute("insert into public.row values (1)")
    assert count(database) == (1, 0) and unit.receipts == ()


def test_a_unit_of_events_alone_is_written(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    with ledger.unit(database.pool(DbRole.ROOM)) as unit:
        unit.record(viewed)
    assert len(leaves(database)) == 1


def test_a_connection_lost_inside_a_unit_writes_nothing(
    database: Database, ledger: Ledger, viewed: Event, owner: Owner
) -> None:
    with (
        pytest.raises((LedgerUnavailable, DatabaseUnavailable)),
        ledger.unit(database.pool(DbRole.SIGNER)) as unit,
    ):
        unit.connection.execute("select 1")
        unit.record(viewed)
        owner(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'countersign_signer' and datname = current_database()"
        )
    assert leaves(database) == []


def test_somebody_who_holds_the_head_does_not_hold_up_a_page_for_ever(
    database: Database, signer: Signer, viewed: Event
) -> None:
    ledger = Ledger(
        database.pool(DbRole.LEDGER), signer, utc_now, deadline=0.2, checkpoint_every=None
    )
    with psycopg.connect(database.owner_conninfo) as holder:
        holder.execute("select * from ledger.head for update")
        with pytest.raises(LedgerUnavailable):
            ledger.record(viewed)
        with (
            pytest.raises(LedgerUnavailable),
            ledger.unit(database.pool(DbRole.SIGNER)) as unit,
        ):
            unit.record(viewed)
    ledger.record_soon(viewed)
    ledger.close()
    assert 1 <= len(leaves(database)) <= 2


def test_the_ledger_recovers_by_itself_when_the_database_is_back(
    database: Database, signer: Signer, viewed: Event, postgres: str
) -> None:
    ledger = Ledger(
        database.pool(DbRole.LEDGER), signer, utc_now, deadline=0.3, checkpoint_every=None
    )
    assert ledger.record(viewed).index == 0
    name = conninfo_to_dict(database.owner_conninfo)["dbname"]
    with psycopg.connect(postgres, autocommit=True) as elsewhere:
        elsewhere.execute(f"alter database {name} allow_connections false")
        elsewhere.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        with pytest.raises(LedgerUnavailable, match="chart goes on"):
            ledger.record(viewed)
        for _ in range(3):
            ledger.record_soon(replace(viewed, kind=EventKind.CHART_SEARCHED))
        elsewhere.execute(f"alter database {name} allow_connections true")
    ledger.close(patience=20)
    ledger = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    waited = ledger.events(EventQuery(kinds=(EventKind.CHART_SEARCHED,))).events
    assert len(waited) == 3
    assert ledger.verify().sound
    ledger.close()


def test_what_was_recorded_soon_is_there_after_closing(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    for _ in range(500):
        ledger.record_soon(viewed)
    ledger.close()
    assert len(leaves(database)) == 500
    with pytest.raises(LedgerUnavailable):
        ledger.record(viewed)


def test_proofs_hold_at_every_size_across_tiles(ledger: Ledger, viewed: Event) -> None:
    for _ in range(700):
        ledger.record_soon(viewed)
    ledger.record(viewed)
    checkpoints = [ledger.checkpoint()]
    for _ in range(3):
        ledger.record(viewed)
        checkpoints.append(ledger.checkpoint())
    events = {
        event.index: merkle.leaf_hash(event.body)
        for event in ledger.events(EventQuery(limit=1000)).events
    }
    assert [checkpoint.size for checkpoint in checkpoints] == [701, 702, 703, 704]
    for checkpoint in checkpoints:
        for index in (0, 1, 255, 256, 511, 512, 699, 700):
            proof = ledger.inclusion(index, checkpoint.size)
            leaf, size, root = events[index], checkpoint.size, checkpoint.root
            assert merkle.verify_inclusion(leaf, index, size, proof, root)
    for old in (0, 1, 256, 300, 512, 700):
        older = merkle.root([events[index] for index in range(old)])
        proof = ledger.consistency(old, 704)
        assert merkle.verify_consistency(old, 704, older, checkpoints[-1].root, proof)


def test_a_tree_of_three_levels_of_tiles_proves_its_leaves(
    database: Database, ledger: Ledger
) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute(
            """select ledger.append(array_agg(convert_to(format(
            '{"v":1,"at":"2026-11-22T08:00:00.000Z","kind":"chart-viewed","actor":"person:%s"}', n),
            'UTF8') order by n)) from generate_series(0, 65999) n"""
        )
    checkpoint = ledger.checkpoint()
    bodies = {
        index: f'{{"v":1,"at":"2026-11-22T08:00:00.000Z","kind":"chart-viewed",'
        f'"actor":"person:{index}"}}'.encode()
        for index in (0, 255, 65535, 65536, 65999)
    }
    assert checkpoint.size == 66000
    for (index, body), proof in zip(
        bodies.items(), ledger.inclusions(list(bodies), 66000), strict=True
    ):
        leaf = merkle.leaf_hash(body)
        assert merkle.verify_inclusion(leaf, index, 66000, proof, checkpoint.root)
    tiles = database.pool(DbRole.AUDITOR).rows(
        "select level, count(*) as n from ledger.tile group by level order by level"
    )
    assert [(row["level"], row["n"]) for row in tiles] == [(0, 257), (1, 1)]
    assert ledger.verify().sound


@pytest.mark.parametrize(("index", "size"), [(-1, 2), (2, 2), (0, 3), (0, -1), (0, 0)])
def test_what_is_not_there_is_not_proved(
    ledger: Ledger, viewed: Event, index: int, size: int
) -> None:
    ledger.record(viewed)
    ledger.record(viewed)
    with pytest.raises(NotInLedger):
        ledger.inclusion(index, size)


def test_checkpoints_are_kept_once_and_the_empty_ledger_has_one(
    database: Database, ledger: Ledger, signer: Signer, viewed: Event
) -> None:
    assert ledger.latest() is None
    empty = ledger.checkpoint()
    assert (empty.origin, empty.size, empty.root) == (ORIGIN, 0, merkle.EMPTY_ROOT)
    assert ledger.checkpoint() == empty
    ledger.record(viewed)
    made = ledger.checkpoint()
    assert ledger.latest() == made == ledger.checkpoint()
    assert signer.verifier.open(made.note) == made
    assert ledger.checkpoints([0, 1, 2]) == {0: empty.note, 1: made.note}
    kept = database.pool(DbRole.AUDITOR).rows("select count(*) as n from ledger.checkpoint")
    assert kept[0]["n"] == 2


def test_checkpoints_are_made_in_the_background_after_activity(
    database: Database, signer: Signer, viewed: Event
) -> None:
    ledger = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=0.05)
    ledger.record(viewed)
    waiting = threading.Event()
    for _ in range(100):
        if ledger.latest() is not None:
            break
        waiting.wait(0.05)
    assert ledger.latest() is not None
    ledger.record_soon(viewed)
    ledger.close()
    reader = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    newest = reader.latest()
    assert newest is not None and newest.size == 2


def test_a_rewritten_tree_is_never_signed(ledger: Ledger, viewed: Event, owner: Owner) -> None:
    for _ in range(5):
        ledger.record(viewed)
    ledger.checkpoint()
    owner("update ledger.leaf set leaf_hash = sha256('x') where index = 3")
    ledger.record(viewed)
    with pytest.raises(LedgerBroken, match="not those signed before"):
        ledger.checkpoint()
    owner(
        "delete from ledger.event where index > 2; delete from ledger.leaf where index > 2;"
        "update ledger.head set size = 3"
    )
    with pytest.raises(LedgerBroken, match="5 leaves were signed and 3 are left"):
        ledger.checkpoint()


def test_another_key_does_not_go_on_from_checkpoints_it_did_not_sign(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    ledger.record(viewed)
    ledger.checkpoint()
    other = Ledger(
        database.pool(DbRole.LEDGER), Signer(ORIGIN, b"\5" * 32), utc_now, checkpoint_every=None
    )
    with pytest.raises(LedgerBroken, match="not of this key"):
        other.checkpoint()


def test_the_ledger_takes_no_pool_of_another_part(database: Database, signer: Signer) -> None:
    with pytest.raises(ValueError, match="LEDGER"):
        Ledger(database.pool(DbRole.ROOM), signer, utc_now)


def test_a_ledger_without_a_database_says_so(signer: Signer, viewed: Event) -> None:
    nowhere = Database("host=/nonexistent dbname=x", SECRET)
    ledger = Ledger(nowhere.pool(DbRole.LEDGER), signer, utc_now, deadline=0.1)
    with pytest.raises(LedgerUnavailable):
        ledger.record(viewed)
    nowhere.close()
    ledger.close(patience=0.1)


def test_an_auditor_finds_events_by_everything(ledger: Ledger) -> None:
    for number in range(12):
        ledger.record(
            Event(
                EventKind.DRAFT_VIEWED if number % 2 else EventKind.DRAFT_SIGNED,
                f"person:{number % 3}",
                patient=f"p{number % 4}",
                subject=f"draft:{number}",
                model="review@1" if number < 6 else None,
            )
        )

    def found(query: EventQuery) -> list[int]:
        return [event.index for event in ledger.events(query).events]

    assert found(EventQuery()) == list(range(11, -1, -1))
    assert found(EventQuery(patient="p1")) == [9, 5, 1]
    assert found(EventQuery(actor="person:2")) == [11, 8, 5, 2]
    assert found(EventQuery(model="review@1", kinds=(EventKind.DRAFT_SIGNED,))) == [4, 2, 0]
    assert found(EventQuery(kinds=(EventKind.DRAFT_SIGNED, EventKind.DRAFT_VIEWED), limit=2)) == [
        11,
        10,
    ]
    assert found(EventQuery(subject="draft:7")) == [7]
    since, until = START + timedelta(seconds=3), START + timedelta(seconds=6)
    assert found(EventQuery(since=since, until=until)) == [5, 4, 3]
    assert found(EventQuery(patient="p1' or true --")) == []


def test_pages_follow_each_other_to_the_end(ledger: Ledger, viewed: Event) -> None:
    for _ in range(7):
        ledger.record(viewed)
    query: EventQuery | None = EventQuery(patient="p1", limit=3)
    pages: list[list[int]] = []
    while query is not None:
        page = ledger.events(query)
        pages.append([event.index for event in page.events])
        query = query.following(page)
    assert pages == [[6, 5, 4], [3, 2, 1], [0]]
