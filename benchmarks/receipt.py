"""What a durable receipt adds to a page, beside one insert for each event without the tree."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.measured import Measured
from countersign.ground.db import Database, DbRole, EmbeddedPostgres, migrate
from countersign.ground.ledger import Event, EventKind, Ledger, Signer
from countersign.kit.clock import utc_now
from countersign.kit.json import encode

PAGES = 16
"""Threads that serve pages."""

WRITERS = 64
"""Threads that write without pause."""

ROUNDS, SECONDS, FLAT_OUT = 3, 6.0, 3.0
PAUSE = 0.06
"""Seconds between two pages of a thread, on average (exponential)."""

CHART = [
    {"code": f"c{number}", "value": number / 7, "unit": "mmol/L", "text": "血钾" * 6}
    for number in range(1500)
]
Write = Callable[[], object]


def measure(_data: Path | None) -> Measured:
    """PostgreSQL in a temporary folder with fsync on; the two ways take turns."""
    with house() as (database, ledger):
        ways = {"ledger, group commit": recording(ledger), "one insert each": inserting(database)}
        waits: dict[str, list[float]] = {name: [] for name in ways}
        pages = dict.fromkeys(ways, 0.0)
        for _ in range(ROUNDS):
            for name, write in ways.items():
                found = serve(write)
                waits[name] += found
                pages[name] += len(found) / SECONDS / ROUNDS
        flat = {name: flat_out(write) for name, write in ways.items()}
        report = ledger.verify()
        assert report.sound, report.words.en
    rows = [
        (name, *(part(waits[name], share) for share in (0.5, 0.95, 0.99)), pages[name], flat[name])
        for name in ways
    ]
    ours, peer = rows
    return Measured(
        columns=("way", "p50 ms", "p95 ms", "p99 ms", "pages/s", f"flat out/s, {WRITERS} threads"),
        rows=rows,
        figures={
            "p99_ms": round(ours[3], 2),
            "p50_ms": round(ours[1], 2),
            "peer_p99_ms": round(peer[3], 2),
            "pages_per_s": round(ours[4]),
            "leaves_per_s": round(ours[5]),
            "peer_rows_per_s": round(peer[5]),
        },
        notes=(
            f"{PAGES} threads, each encodes a chart of {len(CHART)} results, writes, rests "
            f"{PAUSE * 1000:.0f} ms on average; the wait is that of the writing call alone",
            f"{report.size:,} leaves verified at the end; checkpoints were made every second",
        ),
    )


@contextmanager
def house() -> Generator[tuple[Database, Ledger]]:
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        with psycopg.connect(server.conninfo) as owner:
            shown = owner.execute("show fsync").fetchone()
            assert shown == ("on",), "without fsync nothing is durable"
            owner.execute("create table public.plain (at timestamptz, body bytea)")
            owner.execute("grant insert on public.plain to countersign_room")
        database = Database(server.conninfo, b"benchmark", pool_size=WRITERS)
        signer = Signer("benchmark.example/ledger", bytes(32))
        ledger = Ledger(
            database.pool(DbRole.LEDGER), signer, utc_now, deadline=30, checkpoint_every=1.0
        )
        yield database, ledger
        ledger.close()
        database.close()
        server.stop()


def _event() -> Event:
    return Event(EventKind.CHART_VIEWED, "person:17", patient="p1", subject="Patient/p1")


def recording(ledger: Ledger) -> Write:
    return lambda: ledger.record(_event())


def inserting(database: Database) -> Write:
    pool = database.pool(DbRole.ROOM)

    def write() -> None:
        now = utc_now()
        body = _event().body(now, bytes(16))
        with pool.transaction() as connection:
            connection.execute("insert into public.plain values (%s, %s)", (now, body))

    return write


def serve(write: Write) -> list[float]:
    """Seconds that each page waited for its receipt."""
    found: list[float] = []

    def page(number: int) -> None:
        chance = random.Random(number)
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            encode(CHART)
            started = time.perf_counter()
            write()
            found.append(time.perf_counter() - started)
            time.sleep(chance.expovariate(1 / PAUSE))

    _together(PAGES, page)
    return found


def flat_out(write: Write) -> float:
    """Events a second when nobody rests."""
    counts = [0] * WRITERS
    started = time.perf_counter()

    def writer(number: int) -> None:
        while time.perf_counter() - started < FLAT_OUT:
            write()
            counts[number] += 1

    _together(WRITERS, writer)
    return sum(counts) / (time.perf_counter() - started)


def _together(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def part(waits: list[float], share: float) -> float:
    """The wait in milliseconds that this share of the pages did not exceed."""
    return sorted(waits)[int(share * (len(waits) - 1))] * 1000
