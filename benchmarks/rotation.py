"""The wrapping key of 100,000 patients' data keys, replaced while others read and write."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg

from benchmarks.measured import Measured
from countersign.app.keeping import told
from countersign.ground.db import WHOLE, Database, DbRole, EmbeddedPostgres, migrate
from countersign.ground.identity import Principal
from countersign.ground.ledger import Ledger, Signer
from countersign.ground.vault import (
    Rewrapped,
    Sealed,
    SealedFileProvider,
    Vault,
    rotate_wrapping,
    take_census,
)
from countersign.kit.clock import utc_now

PATIENTS = int(os.environ.get("ROTATION_PATIENTS", "100000"))
READERS, WRITERS = 3, 1
KEPT = 0.5
"""Seconds for which readers hold a key, so that they unwrap again and again meanwhile."""


@dataclass
class Work:
    """What readers and writers did, and how long the slowest waited."""

    reads: int = 0
    writes: int = 0
    failed_reads: int = 0
    failed_writes: int = 0
    seconds: list[float] = field(default_factory=list[float])

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        found = sorted(self.seconds) or [0.0]
        return found[int(share * (len(found) - 1))] * 1000


def measure(_data: Path | None) -> Measured:
    """PostgreSQL in a temporary folder with fsync on; a resource for each patient."""
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        _house(folder) as house,
    ):
        _furnish(house)
        quiet = _beside(house, "Quiet", lambda: time.sleep(5))
        reports: list[Rewrapped] = []
        begun = time.perf_counter()
        ours = _beside(house, "Batch", lambda: reports.append(house.rotate()))
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        peer = _beside(house, "Once", lambda: _at_once(house))
        at_once = time.perf_counter() - begun
        left = take_census(house.vault().store.pool)
        report = reports[0]
    return Measured(
        columns=("way", "seconds", "reads", "writes", "failed", "p99 ms", "slowest ms"),
        rows=[
            _row("nothing rotates", 5.0, quiet),
            _row("in batches, each key replaced if it is still what was read", seconds, ours),
            _row("peer: all keys locked and replaced in one transaction", at_once, peer),
        ],
        figures={
            "patients": report.keys,
            "stragglers": report.census.wrapped_stragglers,
            "failed_reads": ours.failed_reads,
            "seconds": round(seconds, 1),
            "keys_per_s": round(report.keys / seconds),
            "failed_writes": ours.failed_writes,
            "reads": ours.reads,
            "writes": ours.writes,
            "slowest_ms": round(ours.percentile(1), 1),
            "peer_slowest_ms": round(peer.percentile(1), 1),
        },
        notes=(
            f"{READERS} readers take a patient by chance, unwrap the key and open a resource; "
            f"{WRITERS} writer seals a resource of a known patient or of a new one",
            f"readers hold a key for {KEPT} s here instead of 60, so that they meet the rotation",
            f"after both: {left.keys:,} keys, {left.wrapped_stragglers} under an older wrapping "
            "key; keys made meanwhile are under the newer one at once",
        ),
    )


@dataclass
class House:
    """A database with keys in files; each reader has a vault of its own, as a process has."""

    database: Database
    folder: Path
    ledger: Ledger

    def vault(self) -> Vault:
        pool = self.database.pool(DbRole.VAULT)
        return Vault(pool, SealedFileProvider(self.folder), kept_seconds=KEPT)

    def rotate(self) -> Rewrapped:
        pool = self.database.pool(DbRole.VAULT)
        by = Principal.system("installer")
        return rotate_wrapping(pool, SealedFileProvider(self.folder), told(self.ledger, pool, by))


@contextmanager
def _house(folder: str) -> Generator[House]:
    server = EmbeddedPostgres(Path(folder) / "pg")
    migrate(server.conninfo, b"benchmark")
    database = Database(server.conninfo, b"benchmark", pool_size=8)
    ledger = Ledger(
        database.pool(DbRole.LEDGER), Signer("benchmark.example/ledger", bytes(32)), utc_now
    )
    yield House(database, Path(folder) / "keys", ledger)
    ledger.close()
    database.close()
    server.stop()


def _furnish(house: House) -> None:
    """A key and one sealed resource for each patient."""
    vault = house.vault()
    for first in range(0, PATIENTS, 2000):
        names = [f"p{number}" for number in range(first, min(first + 2000, PATIENTS))]
        vault.ensure(names)
        with psycopg.connect(house.database.owner_conninfo) as owner:
            owner.execute("insert into chart.patient (patient) select unnest(%s::text[])", (names,))
        _write(house, vault, names, "Basic")


def _write(house: House, vault: Vault, names: list[str], kind: str) -> None:
    boxes = [vault.seal(name, name.encode(), f"{kind}/{name}/1") for name in names]
    with house.database.pool(DbRole.RECEIVER).within(WHOLE).transaction() as connection:
        connection.execute(
            "insert into chart.version (type, id, version, patient, at, origin, author, suite,"
            " key_id, box, sha256) select %s, name, 1, name, now(), 'received', 'x', suite,"
            " key, box, sha from unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bytea[],"
            " %s::bytea[]) as n (name, suite, key, box, sha)",
            (
                kind,
                names,
                [box.suite for box in boxes],
                [box.key_id for box in boxes],
                [box.box for box in boxes],
                [sha256(name.encode()).digest() for name in names],
            ),
        )


def _read(house: House, vault: Vault, name: str) -> None:
    row = (
        house.database.pool(DbRole.ROOM)
        .within(WHOLE)
        .rows(
            "select suite, key_id, box from chart.version"
            " where type = 'Basic' and id = %s and version = 1",
            (name,),
        )[0]
    )
    opened = vault.open(name, Sealed(row["suite"], row["key_id"], row["box"]), f"Basic/{name}/1")
    assert opened == name.encode()


def _letters(number: int) -> str:
    """A name for each number, as a type of resource may be called."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _beside(house: House, kind: str, deed: Callable[[], object]) -> Work:
    """What readers and writers achieve while the deed is done."""
    work, stop, lock = Work(), threading.Event(), threading.Lock()

    def run(number: int) -> None:
        vault, chance, turn = house.vault(), random.Random(number), 0
        while not stop.is_set():
            turn += 1
            name = f"p{chance.randrange(PATIENTS)}"
            begun, writes = time.perf_counter(), number >= READERS
            try:
                if writes:
                    vault.ensure([f"new-{kind}-{turn}"])
                    _write(house, vault, [name], f"{kind}{_letters(turn)}")
                else:
                    _read(house, vault, name)
                good = True
            except Exception:  # noqa: BLE001 - a failure is what is counted
                good = False
            with lock:
                work.seconds.append(time.perf_counter() - begun)
                work.reads += good and not writes
                work.writes += good and writes
                work.failed_reads += not good and not writes
                work.failed_writes += not good and writes

    threads = [threading.Thread(target=run, args=(n,)) for n in range(READERS + WRITERS)]
    for thread in threads:
        thread.start()
    deed()
    stop.set()
    for thread in threads:
        thread.join()
    return work


def _at_once(house: House) -> None:
    """The way without batches: everything is locked, wrapped again, replaced, committed."""
    provider = SealedFileProvider(house.folder)
    version = provider.add_version()
    with psycopg.connect(house.database.owner_conninfo) as owner:
        owner.execute("update vault.head set wrapping_version = %s", (version,))
        rows = owner.execute(
            "select id, wrapping_version, wrapped from vault.data_key order by id for update"
        ).fetchall()
        fresh = [provider.wrap(version, provider.unwrap(old, wrapped)) for _, old, wrapped in rows]
        owner.execute(
            "update vault.data_key k set wrapped = n.wrapped, wrapping_version = %s"
            " from unnest(%s::bigint[], %s::bytea[]) as n (id, wrapped) where k.id = n.id",
            (version, [row[0] for row in rows], fresh),
        )


def _row(name: str, seconds: float, work: Work) -> tuple[object, ...]:
    return (
        name, seconds, work.reads, work.writes, work.failed_reads + work.failed_writes,
        work.percentile(0.99), work.percentile(1),
    )  # fmt: skip
