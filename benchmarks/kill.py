"""Kills the web server, the worker and PostgreSQL under load, and looks for what was lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.installation import Installation, free_port, running_house
from benchmarks.killed_load import Load, furnish
from benchmarks.killed_losses import Losses, losses
from benchmarks.measured import Measured, Unmeasurable
from countersign.app.part import MARKS, SETTLED

KILLS = 200
SEED = 20261125
VICTIMS = ("web server", "worker", "PostgreSQL")
PATIENCE = 120.0
"""Seconds for the first answer after a kill."""


def measure(data: Path | None, kills: int = KILLS, seed: int = SEED) -> Measured:
    """A real installation with fsync on; each kill waits until the load is answered again."""
    chance = random.Random(seed)
    begun = time.perf_counter()
    pauses: dict[str, list[float]] = {name: [] for name in VICTIMS}
    with running_house(furnish, DEMONSTRATION="no", PORT=str(free_port())) as house:
        load = Load(house)
        with load.running():
            load.await_all(PATIENCE)
            for _ in range(kills):
                time.sleep(chance.uniform(0.0, 0.6))
                name, victim = _victim(house, chance)
                pauses[name].append(_kill(victim, load))
            load.await_all(PATIENCE)
        load.raise_problem()
        found = losses(house, load.acknowledged)
    return _measured(load, found, pauses, kills, seed, time.perf_counter() - begun)


def _kill(victim: psutil.Process, load: Load) -> float:
    """Seconds from the kill until a page was answered again."""
    with suppress(psutil.NoSuchProcess):
        victim.kill()
    killed = time.perf_counter()
    load.await_next(PATIENCE)
    return time.perf_counter() - killed


def _victim(house: Installation, chance: random.Random) -> tuple[str, psutil.Process]:
    """One of those that work at this moment: whoever dies before it ever worked ends the house."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(psutil.Error, OSError, ValueError, IndexError):
            working = _working(house)
            if working:
                name = chance.choice(sorted(working))
                return name, chance.choice(working[name])
        time.sleep(0.02)
    raise Unmeasurable(f"nothing came back within {PATIENCE:.0f} s")


def _working(house: Installation) -> dict[str, list[psutil.Process]]:
    found: dict[str, list[psutil.Process]] = {}
    pid = int((house.home / "postgres" / "postmaster.pid").read_text().split()[0])
    if psutil.Process(pid).name() == "postgres":
        found["PostgreSQL"] = [psutil.Process(pid)]
    marks = house.home / "running" / str(house.port) / MARKS
    for one in house.process_info.children():
        mark, words = marks / str(one.pid), one.cmdline()
        if mark.exists() and time.time() - mark.stat().st_mtime > SETTLED:
            for name, word in (("web server", "serve"), ("worker", "work")):
                if word in words:
                    found.setdefault(name, []).append(one)
    return found


def _measured(
    load: Load,
    found: Losses,
    pauses: dict[str, list[float]],
    kills: int,
    seed: int,
    seconds: float,
) -> Measured:
    said = load.acknowledged
    rows: list[tuple[object, ...]] = [
        (
            f"kill -9 of the {name}",
            len(waits),
            sorted(waits)[len(waits) // 2] if waits else 0.0,
            max(waits, default=0.0),
        )
        for name, waits in pauses.items()
    ]
    counted = Counter(found.lost)
    return Measured(
        columns=("victim", "kills", "median s to next answer", "longest"),
        rows=rows,
        figures={
            "kills": kills,
            "lost": len(found.lost),
            "imports": len(said.imports),
            "signatures": len(said.signatures),
            "releases": found.releases,
            "leaves": sum(said.views.values()),
            "fsck": found.sound,
            "seconds": round(seconds),
        },
        notes=(
            f"seed {seed}; acknowledged: {len(said.imports)} imports, {len(said.signatures)}"
            f" signatures, {found.releases} releases and {sum(said.views.values())} charts shown",
            f"lost: {dict(counted) or 'nothing'}; {load.failures} requests were answered with an"
            " error or not at all, which promises nothing",
            "kill -9 leaves what the operating system holds in memory: a power cut is a matter of"
            " fsync, which is on here, and of the disk",
        ),
    )
