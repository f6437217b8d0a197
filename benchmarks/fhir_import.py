"""Imports the shared Synthea bundles with everything on; beside it, parsing alone."""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from fhir.resources.R4B import get_fhir_model_class
from psycopg.conninfo import make_conninfo

from benchmarks.measured import Measured, Unmeasurable
from countersign.doors.fhir.importer import Report, import_fhir
from countersign.ground.chart import Chart
from countersign.ground.db import Database, DbRole, EmbeddedPostgres, migrate
from countersign.ground.identity import Policy
from countersign.ground.jobs import Jobs, LocalPool
from countersign.ground.ledger import Ledger, open_signer
from countersign.ground.vault import Vault, open_keys
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from countersign.kit.json import decode

ARCHIVE = "clinical/synthea_r4.tar.gz"
WORKERS = 2


def measure(data: Path | None) -> Measured:
    """Resources a second: the import, a second import of the same, and parsing alone."""
    archive = (data or Path("../shared/data")) / ARCHIVE
    if not archive.is_file():
        raise Unmeasurable(f"There is no {ARCHIVE}. Give DATA= the folder of development data.")
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as name:
        folder = Path(name)
        with house(folder) as chart:
            first, seconds, processor = _import(archive, chart, folder)
            _, again, processor_again = _import(archive, chart, folder)
    parsed, parsing, parsing_processor = _parse_only(archive)
    resources = first.resources + first.unchanged
    if first.refused or resources != parsed:
        raise Unmeasurable(f"{len(first.refused)} refusals, {resources} of {parsed} resources.")
    return Measured(
        columns=("", "resources/s", "seconds", "processor µs each"),
        rows=(
            (
                "import: validated, sealed, indexed, recorded",
                resources / seconds,
                seconds,
                processor / resources * 1e6,
            ),
            (
                "the same files again: nothing changes",
                resources / again,
                again,
                processor_again / resources * 1e6,
            ),
            (
                "fhir.resources R4B parsing alone, one process",
                parsed / parsing,
                parsing,
                parsing_processor / parsed * 1e6,
            ),
        ),
        figures={
            "resources_per_s": round(resources / seconds, 1),
            "parse_only_per_s": round(parsed / parsing, 1),
            "unchanged_per_s": round(resources / again, 1),
            "resources": resources,
        },
        notes=(
            f"{first.files} transaction bundles, {WORKERS} processes prepare, one writes; fsync on",
            "parsing alone: JSON decoding and the models, on one core, without anything kept",
        ),
    )


@contextmanager
def house(folder: Path) -> Iterator[Chart]:
    """An empty chart on an embedded PostgreSQL of its own, with its default durability."""
    server = EmbeddedPostgres(folder / "pg")
    with psycopg.connect(server.conninfo, autocommit=True) as owner:
        owner.execute("create database bench")
    address = make_conninfo(server.conninfo, dbname="bench")
    migrate(address, b"bench")
    database = Database(address, b"bench")
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        open_signer(folder / "ledger", "bench.example/ledger"),
        utc_now,
    )
    vault = Vault(
        database.pool(DbRole.VAULT), open_keys(database.pool(DbRole.VAULT), folder / "keys")
    )
    listeners = {"Observation": ("workstation.review",)}
    yield Chart(
        database,
        vault,
        ledger,
        Policy(ledger),
        Jobs(database, ledger),
        utc_now,
        new_id,
        listeners=listeners,
    )
    ledger.close()
    database.close()
    server.stop()


def _import(archive: Path, chart: Chart, folder: Path) -> tuple[Report, float, float]:
    pool = LocalPool(WORKERS)
    try:
        before, started = _processor_seconds(folder), time.perf_counter()
        report = import_fhir(archive, chart, pool, departments=("cardiology",))
        return report, time.perf_counter() - started, _processor_seconds(folder) - before
    finally:
        pool.close()


def _processor_seconds(folder: Path) -> float:
    """Of this process, its workers and its PostgreSQL, those that have ended included."""
    postmaster = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
    spent = 0.0
    for root in (psutil.Process(), psutil.Process(postmaster)):
        for process in (root, *root.children(recursive=True)):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


def _parse_only(archive: Path) -> tuple[int, float, float]:
    resources, spent, processor = 0, 0.0, 0.0
    with tarfile.open(archive) as opened:
        for member in opened:
            stream = opened.extractfile(member)
            if stream is None:
                continue
            raw = stream.read()
            started, before = time.perf_counter(), time.process_time()
            for entry in decode(raw)["entry"]:
                resource = entry["resource"]
                get_fhir_model_class(resource["resourceType"]).model_validate(resource)
                resources += 1
            spent += time.perf_counter() - started
            processor += time.process_time() - before
    return resources, spent, processor
