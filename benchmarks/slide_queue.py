"""Queues a thousand small slides, kills what works on them, and looks for lost and doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.slide_queue_parts import MARKS, SENT, settings
from benchmarks.slide_toy import Toy, open_toy, picture
from countersign.app.house import House, open_house
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Principal
from countersign.ground.slides import NothingMeasured
from countersign.kit.json import JSON
from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.service import Results
from countersign.rooms.pathology.store import nuclei_parquet, plan_from, plan_json

SLIDES = 1000
WORKERS = 2
SEED = 20261126
PATIENCE = 540.0
"""Seconds until what is not measured by then counts as lost."""

KILLING = 0.3
"""The chance that at a moment of looking, about every second, something is killed."""

KILLING_SECONDS = 300.0
"""After this what is left may finish in peace: a slow machine is no loss."""

ACCESSION = "S26-01234"
TWICE = 20
"""Every so many slides come a second time, by the other way."""


def measure(data: Path | None, slides: int = SLIDES) -> Measured:
    """Real processes on a real PostgreSQL with fsync on; every second or so one is killed."""
    chance = random.Random(SEED)  # noqa: S311 - which process dies is no secret
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="countersign-slides-") as folder:
        home = Path(folder)
        with open_house(settings(home), upgrade=True) as house:
            house.floor.chart.receive(
                Principal.system("importer"), _case(), source="bench", keep_ids=True
            )
            names = _write(home, slides)
            killed = _run(house, home, slides, chance)
            lost, twice = _counted(house, home, names)
        spent = time.perf_counter() - begun
    rows = [(name, count) for name, count in sorted(killed.items())]
    return Measured(
        ("killed", "times"),
        [*rows, ("slides measured in seconds", spent)],
        {"slides": slides, "lost": lost, "twice": twice},
        (
            "Half come through the watched folder, half through a process that hands them in and "
            f"is killed too; one in {TWICE} comes by both ways.",
            "A slide counts as lost too when its nuclei are not bit for bit those that one process "
            "finds without any kill; as twice when more than one result or receipt is there.",
            "The slides are tiny and so is what is measured: this is the queue, not the eye.",
        ),
    )


def _write(home: Path, slides: int) -> dict[str, int]:
    """Half of them to be handed in, the others to appear in the watched folder."""
    names: dict[str, int] = {}
    for seed in range(slides):
        name = f"{ACCESSION}_{seed:04d}_Ki-67.png"
        places = [home / ("scanner" if seed % 2 else SENT)]
        if seed % TWICE == 0:
            places = [home / "scanner", home / SENT]
        for place in places:
            place.mkdir(exist_ok=True)
            (place / name).write_bytes(picture(seed))
        names[name] = seed
    return names


def _run(house: House, home: Path, slides: int, chance: random.Random) -> Counter[str]:
    killed: Counter[str] = Counter()
    running: dict[str, subprocess.Popen[bytes]] = {}
    begun, until = time.monotonic(), time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            for name in ("feed", *(f"work {number}" for number in range(WORKERS))):
                one = running.get(name)
                if one is None or one.poll() not in (None, 0):
                    running[name] = _start(name.split()[0], home)
            time.sleep(chance.uniform(0.2, 1.5))
            if house.floor.slides.keeping.counts(WHOLE).get("ready", 0) >= slides:
                return killed
            working = [name for name, one in running.items() if _works(home, one)]
            peace = time.monotonic() - begun > KILLING_SECONDS
            if working and not peace and chance.random() < KILLING:
                name = chance.choice(sorted(working))
                killed[_kill(running[name], name.split()[0], chance)] += 1
        return killed
    finally:
        for one in running.values():
            _end(one)


def _works(home: Path, process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None and (home / MARKS / str(process.pid)).exists()


def _start(part: str, home: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "benchmarks.slide_queue_parts", part, str(home)]
    return subprocess.Popen(program, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program


def _kill(process: subprocess.Popen[bytes], name: str, chance: random.Random) -> str:
    """Ends the process, or one of those that compute for it; says which kind it was."""
    with suppress(psutil.Error):
        inner = psutil.Process(process.pid).children()
        if inner and chance.random() < 0.6:
            chance.choice(inner).kill()
            return "a process that computes"
        process.kill()
        process.wait()
        return {"feed": "the process that hands in", "work": "a worker"}[name]
    return "nothing"


def _end(process: subprocess.Popen[bytes]) -> None:
    inner: list[psutil.Process] = []
    with suppress(psutil.Error):
        inner = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for one in inner:
        with suppress(psutil.Error):
            one.kill()


def _counted(house: House, home: Path, names: dict[str, int]) -> tuple[int, int]:
    """How many slides have no whole, right result, and how many have more than one."""
    floor, results = house.floor, Results(house.floor)
    found: Counter[int] = Counter()
    right: set[int] = set()
    for one in floor.slides.keeping.some(WHOLE, limit=10 * len(names)):
        seed = names[floor.slides.keeping.told(WHOLE, one.id).name]
        found[seed] += 1
        with suppress(NothingMeasured):
            if nuclei_parquet(results.nuclei_of(one.id)) == _expected(home, seed):
                right.add(seed)
    pool = house.database.pool(DbRole.ROOM).within(WHOLE)
    doubled = pool.rows(
        "select r.slide from slides.run r join slides.outcome o on o.run = r.id"
        " where o.outcome = 'measured' group by r.slide having count(*) > 1"
    )
    receipts = house.database.pool(DbRole.LEDGER).rows(
        "select subject from ledger.event where kind in ('slide-measured', 'slide-arrived')"
        " group by subject, kind having count(*) > 1"
    )
    if not found:
        raise Unmeasurable("No slide came in at all.")
    twice = sum(count - 1 for count in found.values()) + len(doubled) + len(receipts)
    return len(names) - len(right), twice


def _expected(home: Path, seed: int) -> bytes:
    path = home / "expected.png"
    path.write_bytes(picture(seed))
    slide, toy = open_toy(path), Toy()
    plan = plan_from(plan_json(toy.plan(slide)))
    return nuclei_parquet(Nuclei.joined([toy.measure(slide, plan, one) for one in plan.tiles]))


def _case() -> JSON:
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-01-01"}
    specimen = {
        "resourceType": "Specimen",
        "id": "s1",
        "accessionIdentifier": {"system": "urn:lab", "value": ACCESSION},
        "subject": {"reference": "Patient/p1"},
    }
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in (patient, specimen)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
