"""How long a draft takes, from the click to the proposal at the gate, without a language model."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.receipt import part
from benchmarks.shared import lines
from countersign.app.house import register_models
from countersign.ground.db import Database, EmbeddedPostgres, migrate
from countersign.rooms.records.service import Files, Records

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from building import Building  # noqa: E402 - lies with the tests

ROUNDS = 120
LINES = "tj 双肺呼吸音粗，未闻及啰音\nfzjc 血常规：白细胞 11.2×10^9/L\njws 对青霉素过敏"


def measure(data: Path | None) -> Measured:
    """One after the other in one process, PostgreSQL with fsync, ledger and encryption on."""
    dialogues = [row["dialogue"] for row in lines(data, "records/imcs21.jsonl.gz")][:ROUNDS]
    waits: dict[str, list[float]] = {"draft": [], "propose": [], "whole": []}
    with house(data) as (room, building):
        who = building.who("wang")
        for number, dialogue in enumerate(dialogues):
            name = room.begin(who, "p1", "outpatient", "zh")
            version = room.save(who, name, 1, {"lines": LINES, "dialogue": dialogue}, ())
            begun = time.perf_counter()
            room.redraft(who, name, version)
            drafted = time.perf_counter()
            room.propose(who, name)
            done = time.perf_counter()
            if number >= ROUNDS // 10:  # the first ones open what is opened once
                waits["draft"].append(drafted - begun)
                waits["propose"].append(done - drafted)
                waits["whole"].append(done - begun)
    rows = [
        (name, *(part(found, share) * 1 for share in (0.5, 0.95, 0.99)))
        for name, found in waits.items()
    ]
    return Measured(
        columns=("step", "p50 ms", "p95 ms", "p99 ms"),
        rows=rows,
        figures={
            "p95_ms": round(rows[2][2], 1),
            "p50_ms": round(rows[2][1], 1),
            "draft_p95_ms": round(rows[0][2], 1),
            "propose_p95_ms": round(rows[1][2], 1),
        },
        notes=(
            f"{len(waits['whole'])} IMCS dialogues, three lines of key facts each, rules alone; "
            "reading the chart, drafting, keeping the version, proposing, every receipt durable",
            "no peer: another system's draft would be a language model's",
        ),
    )


@contextmanager
def house(_data: Path | None) -> Iterator[tuple[Records, Building]]:
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"secret")
        database = Database(server.conninfo, b"secret", pool_size=8)
        building = Building(database, Path(folder) / "home")
        building.floor = replace(building.floor)
        register_models(building.house)
        yield Records(building.floor, Files(None, None)), building
        building.close()
        database.close()
        server.stop()
