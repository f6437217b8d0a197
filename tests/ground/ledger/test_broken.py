"""Power, disk, clock and locks fail: nothing acknowledged is lost, nothing is written twice."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole, EmbeddedPostgres, migrate
from countersign.ground.ledger import (
    Event,
    EventKind,
    EventQuery,
    Ledger,
    LedgerUnavailable,
    Receipt,
    Signer,
)
from countersign.kit.clock import utc_now
from ground.ledger.known import ORIGIN, START, Owner

SIGNER = Signer(ORIGIN, bytes(range(32)))
SECRET = b"a secret of the tests"


def writers(count: int, act: Callable[[int], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_postgresql_killed_in_the_middle_of_appends_loses_no_receipt() -> None:
    receipts: list[Receipt] = []
    ended = threading.Event()
    with tempfile.TemporaryDirectory(prefix="countersign-test-") as folder:
        home = Path(folder) / "pg"
        server = EmbeddedPostgres(home)
        migrate(server.conninfo, SECRET)
        database = Database(server.conninfo, SECRET, pool_size=4)
        ledger = Ledger(database.pool(DbRole.LEDGER), SIGNER, utc_now, checkpoint_every=0.2)

        def write(number: int) -> None:
            event = Event(EventKind.CHART_VIEWED, f"person:{number}")
            while not ended.is_set():
                try:
                    receipts.append(ledger.record(event))
                except LedgerUnavailable:
                    time.sleep(0.05)

        threads = writers(12, write)
        for _ in range(2):
            time.sleep(0.4)
            os.kill(int((home / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            server = _again(home)
        time.sleep(0.5)
        ended.set()
        for thread in threads:
            thread.join()
        ledger.close()
        rows = database.pool(DbRole.AUDITOR).rows("select index, leaf_hash from ledger.leaf")
        database_leaves = {row["index"]: row["leaf_hash"].hex() for row in rows}
        assert receipts and all(
            database_leaves[receipt.index] == receipt.leaf_hash for receipt in receipts
        )
        hashes = list(database_leaves.values())
        assert len(hashes) == len(set(hashes)), "an event was written twice"
        assert ledger.verify().sound
        database.close()
        server.stop()


def _again(home: Path) -> EmbeddedPostgres:
    """Starts the server once its killed processes have let go of the folder."""
    for _ in range(100):
        try:
            server = EmbeddedPostgres(home)
            with psycopg.connect(server.conninfo, connect_timeout=2):
                return server
        except Exception:  # noqa: BLE001 - whatever it says, it is not up yet
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not come back")


def test_a_lock_that_hangs_holds_nobody_longer_than_the_deadline(
    database: Database, viewed: Event
) -> None:
    ledger = Ledger(
        database.pool(DbRole.LEDGER), SIGNER, utc_now, deadline=0.5, checkpoint_every=None
    )
    with psycopg.connect(database.owner_conninfo) as blocker:
        blocker.execute("select * from ledger.head for update")
        started = time.monotonic()
        with pytest.raises(LedgerUnavailable):
            ledger.record(viewed)
        assert time.monotonic() - started < 30
    later = ledger_until_it_writes(ledger, viewed)
    bodies = [event.body for event in ledger.events(EventQuery(limit=10)).events]
    assert len(bodies) == len(set(bodies)) and later.index == len(bodies) - 1
    ledger.close()


def ledger_until_it_writes(ledger: Ledger, event: Event) -> Receipt:
    for _ in range(100):
        try:
            return ledger.record(event)
        except LedgerUnavailable:
            time.sleep(0.1)
    raise AssertionError("the ledger did not come back")


def test_a_full_disk_refuses_and_goes_on_when_there_is_room(
    database: Database, viewed: Event
) -> None:
    ledger = Ledger(
        database.pool(DbRole.LEDGER), SIGNER, utc_now, deadline=0.5, checkpoint_every=None
    )
    ledger.record(viewed)
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute(
            "create function public.full() returns trigger language plpgsql as $$ begin"
            " raise exception 'could not extend file: No space left on device'"
            " using errcode = '53100'; end $$"
        )
        owner.execute(
            "create trigger no_room before insert on ledger.leaf execute function public.full()"
        )
    with pytest.raises(LedgerUnavailable):
        ledger.record(viewed)
    assert ledger.size() == 1 and ledger.verify().sound
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("drop trigger no_room on ledger.leaf")
    ledger_until_it_writes(ledger, viewed)
    assert ledger.verify().sound
    ledger.close()


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_an_error_at_the_write_neither_loses_nor_doubles(
    database: Database, viewed: Event, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    ledger = Ledger(database.pool(DbRole.LEDGER), SIGNER, utc_now, deadline=20)
    store = ledger._store  # pyright: ignore[reportPrivateUsage]
    append, turns = store.append, iter(range(10**6))

    def faulty(bodies: Sequence[bytes]) -> int:
        fails = next(turns) % 3 == 0
        if fails and not after:
            raise LedgerUnavailable
        first = append(bodies)
        if fails:
            raise LedgerUnavailable  # the answer is lost, the leaves are written
        return first

    monkeypatch.setattr(store, "append", faulty)
    receipts: list[Receipt] = []
    for thread in writers(8, lambda _: receipts.extend(ledger.record(viewed) for _ in range(5))):
        thread.join()
    assert sorted(one.index for one in receipts) == list(range(40))
    assert ledger.size() == 40 and ledger.verify().sound
    ledger.close()


def test_a_clock_that_is_set_back_changes_no_order_and_breaks_no_proof(
    unrestricted: Database, viewed: Event
) -> None:
    moments = iter([START, START + timedelta(hours=1), START - timedelta(days=400), START])
    ledger = Ledger(
        unrestricted.pool(DbRole.LEDGER),
        SIGNER,
        lambda: next(moments, START),
        checkpoint_every=None,
    )
    assert [ledger.record(viewed).index for _ in range(4)] == [0, 1, 2, 3]
    assert [event.index for event in ledger.events(EventQuery()).events] == [3, 2, 1, 0]
    ledger.checkpoint()
    assert ledger.verify().sound
    ledger.close()


def test_a_superuser_who_swaps_two_events_is_found(
    ledger: Ledger, viewed: Event, owner: Owner
) -> None:
    for number in range(5):
        ledger.record(Event(EventKind.CHART_VIEWED, f"person:{number}"))
    ledger.checkpoint()
    owner(
        "update ledger.event a set body = b.body, actor = b.actor, at = b.at"
        " from ledger.event b where (a.index, b.index) in ((1, 3), (3, 1))"
    )
    assert [(str(one.kind), one.place) for one in ledger.verify().findings] == [
        ("changed-body", "1"),
        ("changed-body", "3"),
    ]
