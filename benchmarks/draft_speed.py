"""How long a draft takes, from the click to the proposal, and to the first words with a model."""

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
from countersign.ground.models import Work
from countersign.rooms.records.service import Files, Records
from countersign.rooms.records.service.prose import Way, facts_of
from countersign.rooms.records.service.streaming import Streaming
from tools.serving.running import NotInstalled, run_llama_server

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from building import Building  # noqa: E402 - lies with the tests
from llm.connected import connected  # noqa: E402

ROUNDS = 120
WITH_MODEL = 12
"""Dialogues of which the first words are waited for."""

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
        waits |= first_words(room, building, dialogues[:WITH_MODEL])
    rows = [
        (name, *(part(found, share) * 1 for share in (0.5, 0.95, 0.99)))
        for name, found in waits.items()
    ]
    said = {row[0]: row for row in rows}
    return Measured(
        columns=("step", "p50 ms", "p95 ms", "p99 ms"),
        rows=rows,
        figures={
            "p95_ms": round(rows[2][2], 1),
            "p50_ms": round(rows[2][1], 1),
            "draft_p95_ms": round(rows[0][2], 1),
            "propose_p95_ms": round(rows[1][2], 1),
            "first_words_p95_ms": round(said[FIRST][2], 1) if FIRST in said else None,
            "first_token_p95_ms": round(said[TOKEN][2], 1) if TOKEN in said else None,
        },
        notes=(
            f"{len(waits['whole'])} IMCS dialogues, three lines of key facts each, rules alone; "
            "reading the chart, drafting, keeping the version, proposing, every receipt durable",
            "first words: llama-server on one core with a small model of weights of chance, whose "
            "words say nothing; another model on another machine takes another time. The first "
            "sentence on the page is a template's, for which no model is waited",
            "no peer: another system's draft would be a language model's",
        ),
    )


FIRST, TOKEN = "first sentence on the page", "first token of the model"


def first_words(room: Records, building: Building, dialogues: list[str]) -> dict[str, list[float]]:
    """From the click to the first sentence shown, and to the first token that the model says of
    the first section with facts; empty where no server of language models is installed."""
    waits: dict[str, list[float]] = {FIRST: [], TOKEN: []}
    who = building.who("wang")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
            run_llama_server(Path(folder), slots=2, size="small") as server,
            connected(building, server.url, server.model, Work.RECORD) as gateway,
        ):
            streaming = Streaming(replace(building.floor, gateway=gateway), room)
            for dialogue in dialogues:
                name = room.begin(who, "p1", "outpatient", "zh")
                version = room.save(who, name, 1, {"lines": LINES, "dialogue": dialogue}, ())
                begun = time.perf_counter()
                shown = streaming.draft(who, name, version)
                next(shown)
                waits[FIRST].append(time.perf_counter() - begun)
                begun = time.perf_counter()
                written, made = room.begun(who, name, version)
                way = Way(gateway, room.files.reader(), who, written)
                one = next(one for one in made.sections if facts_of(one))
                with gateway.stream(way.asked(made, one, facts_of(one))) as said:
                    next(iter(said))
                waits[TOKEN].append(time.perf_counter() - begun)
    except NotInstalled:
        return {}
    return waits


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
