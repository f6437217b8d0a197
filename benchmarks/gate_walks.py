"""Random walks through the real gate, and whether anything unsigned got into the chart."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import psycopg

from benchmarks.measured import Measured
from countersign.ground.db import Database, EmbeddedPostgres, migrate

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.append(str(TESTS))

from building import Building  # noqa: E402 - lies with the tests
from gate.walking import (  # noqa: E402 - lies with the tests
    LIKELY,
    PROPOSED_WHILE_STOPPED,
    STEPS,
    Walk,
    WalkStage,
    escapes,
)

SECRET = b"a secret of the walks"
SHORTEST, LONGEST = 3, 8
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@dataclass
class _Found:
    """What one worker saw in a house of its own."""

    outcomes: Counter[tuple[str, bool]] = field(default_factory=Counter[tuple[str, bool]])
    escapes: int = 0
    released: int = 0


def measure(
    data: Path | None, walks: int = 100_000, seed: int = 20261122, workers: int = 2
) -> Measured:
    """Walks of three to eight steps. Each worker has a house and a server of its own."""
    begun = time.perf_counter()
    share = [(walks + place) // workers for place in range(workers)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        found = list(pool.map(_work, share, range(seed, seed + workers)))
    seconds = time.perf_counter() - begun
    outcomes = sum((one.outcomes for one in found), Counter[tuple[str, bool]]())
    escaped, released = sum(one.escapes for one in found), sum(one.released for one in found)
    return Measured(
        columns=("step", "taken", "passed", "refused"),
        rows=[_line(kind, outcomes) for kind in STEPS],
        figures={"walks": walks, "escapes": escaped, "released": released},
        notes=(
            f"{walks:,} walks of {SHORTEST} to {LONGEST} steps in {seconds:,.0f} s"
            f" ({walks / seconds:,.0f} a second, {workers} processes), seed {seed}",
            f"{released:,} answers were released, each under the signatures its class asks for",
            "an escape is a chart version, a release or a proposal that the tables do not"
            " justify: looked for after each walk among its drafts, at the end among everything",
            "fsync is off: what a power cut leaves is measured elsewhere",
        ),
    )


def _work(walks: int, seed: int) -> _Found:
    found = _Found()
    with _stage() as stage:
        found.escapes = _walk(stage, walks, random.Random(seed), found.outcomes)
        found.released = stage.found("select count(*) as n from release.released")[0]["n"]
        everything = len(escapes(stage)) + len(stage.found(PROPOSED_WHILE_STOPPED))
        found.escapes = max(found.escapes, everything)
    return found


def _walk(
    stage: WalkStage, walks: int, chance: random.Random, outcomes: Counter[tuple[str, bool]]
) -> int:
    found = 0
    for _ in range(walks):
        walk = Walk(stage, chance.choice, outcomes)
        for _step in range(chance.randint(SHORTEST, LONGEST)):
            walk.step(chance.choice(LIKELY))
        found += len(walk.end())
    return found


def _line(kind: str, outcomes: Counter[tuple[str, bool]]) -> tuple[object, ...]:
    passed, refused = outcomes[kind, True], outcomes[kind, False]
    return kind, passed + refused, passed, refused


@contextmanager
def _stage() -> Iterator[WalkStage]:
    """A house on a server of its own, gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="countersign-walks-") as folder,
        _server(Path(folder)) as database,
    ):
        building = Building(database, Path(folder) / "home")
        stage = WalkStage(building)
        try:
            yield stage
        finally:
            stage.close()
            building.close()


@contextmanager
def _server(folder: Path) -> Iterator[Database]:
    server = EmbeddedPostgres(folder / "postgres")
    try:
        with psycopg.connect(server.conninfo, autocommit=True) as owner:
            for setting in FAST:
                name, _, value = setting.partition(" = ")
                owner.execute(f"alter system set {name} = {value}")
            owner.execute("select pg_reload_conf()")
        migrate(server.conninfo, SECRET)
        database = Database(server.conninfo, SECRET, pool_size=4)
        try:
            yield database
        finally:
            database.close()
    finally:
        server.stop()
