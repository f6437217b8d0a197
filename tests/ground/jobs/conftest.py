"""A queue with its ledger, and a worker in a thread that hurries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.jobs import Handler, Jobs, Pace, Periodic
from countersign.ground.ledger import Ledger, open_signer
from countersign.kit.clock import utc_now

HURRY = Pace(
    poll=0.1, heartbeat=0.2, silent=1.0, retry_after=(0.05, 0.05, 0.05), grace=5, restart=0.1
)
Working = Callable[..., AbstractContextManager[threading.Event]]


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        open_signer(tmp_path / "ledger", "test.example/ledger"),
        utc_now,
        checkpoint_every=None,
    )
    yield ledger
    ledger.close()


@pytest.fixture
def jobs(database: Database, ledger: Ledger) -> Jobs:
    return Jobs(database, ledger)


@pytest.fixture
def working(jobs: Jobs) -> Working:
    """``with working(handlers): …`` runs a worker beside the block and then stops it."""

    @contextmanager
    def work(
        handlers: Mapping[str, Handler], periodic: Sequence[Periodic] = (), pace: Pace = HURRY
    ) -> Iterator[threading.Event]:
        stop = threading.Event()
        thread = threading.Thread(target=jobs.run_worker, args=(handlers, stop, periodic, pace))
        thread.start()
        try:
            yield stop
        finally:
            stop.set()
            thread.join(timeout=30)
            assert not thread.is_alive()

    return work


@pytest.fixture
def defer(database: Database, jobs: Jobs) -> Callable[..., int]:
    """Queues one job in a transaction of its own, as a room."""

    def one(task: str, args: dict[str, object] | None = None, lock: str | None = None) -> int:
        with database.pool(DbRole.ROOM).transaction() as connection:
            return jobs.defer(connection, task, args or {}, lock)

    return one


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something holds; fails after a minute."""

    def wait(holds: Callable[[], object]) -> None:
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait
