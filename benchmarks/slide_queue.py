"""Queues a thousand small slides, kills what works on them, and looks for lost and doubled."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.slide_queue_parts import HEIGHT, MARKS, PARTS, SENT, WIDTH, open_bare, settings
from benchmarks.slide_toy import Toy, picture
from countersign.app.house import House, open_house
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Principal
from countersign.ground.slides import NothingMeasured
from countersign.kit.json import JSON
from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.service import Results
from countersign.rooms.pathology.store import nuclei_parquet, plan_from, plan_json

SLIDES = 1000
WORKERS = 4
SEED = 20261126
PATIENCE = 900.0
"""Seconds until what is not measured by then counts as lost."""

EACH = 15
"""Slides that become ready between two kills, on average. Counted in slides and not in seconds:
a machine on which everything takes longer is then killed on less often, not to a standstill."""

ACCESSION = "S26-01234"
TWICE = 20
"""Every so many slides come a second time, by the other way."""

WORKER, COMPUTING, FEEDING = "a worker", "a process that computes", "the process that hands in"


def measure(data: Path | None, slides: int = SLIDES) -> Measured:
    """Real processes on a real PostgreSQL with fsync on; every few slides one is killed (-9)."""
    chance = random.Random(SEED)  # noqa: S311 - which process dies is no secret
    with tempfile.TemporaryDirectory(prefix="countersign-slides-") as folder:
        home = Path(folder)
        with open_house(settings(home), upgrade=True) as house:
            house.floor.chart.receive(
                Principal.system("importer"), _case(), source="bench", keep_ids=True
            )
            names = _write(home, slides)
            begun = time.perf_counter()
            killed = _run(house, home, slides, chance)
            spent = time.perf_counter() - begun
            lost, twice = _counted(house, home, names)
            states = house.floor.slides.keeping.counts(WHOLE)
    rows = [(f"killed: {name}", count) for name, count in sorted(killed.items())]
    rows += [(f"slides that are {state}", count) for state, count in sorted(states.items())]
    return Measured(
        ("what", "number"),
        [*rows, ("seconds from the first to the last", spent)],
        {"slides": slides, "lost": lost, "twice": twice},
        (
            "Half come through the watched folder, half through a process that hands them in and "
            f"is killed too; one in {TWICE} comes by both ways.",
            "A slide counts as lost too when its nuclei are not bit for bit those that one process "
            "finds without any kill; as twice when more than one result or receipt is there.",
            "The slides are tiny and so is what is measured: this is the queue, not the eye.",
            "Processes are forked from one that has imported everything, so that one begins soon.",
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
            (place / name).write_bytes(picture(seed, WIDTH, HEIGHT))
        names[name] = seed
    return names


def _run(house: House, home: Path, slides: int, chance: random.Random) -> Counter[str]:
    """Until nothing waits or runs any more; says what was killed how often."""
    warm = multiprocessing.get_context("forkserver")
    warm.set_forkserver_preload(["benchmarks.slide_queue_parts"])
    killed: Counter[str] = Counter()
    running: dict[str, BaseProcess] = {}
    until, due = time.monotonic() + PATIENCE, chance.randint(1, 2 * EACH - 1)
    try:
        while time.monotonic() < until:
            for name in ("feed", *(f"work {number}" for number in range(WORKERS))):
                one = running.get(name)
                if one is None or one.exitcode not in (None, 0):
                    running[name] = warm.Process(target=PARTS[name.split()[0]], args=(home,))
                    running[name].start()
            time.sleep(chance.uniform(0.1, 0.8))
            counts = house.floor.slides.keeping.counts(WHOLE)
            if counts.get("ready", 0) >= due and (struck := _strike(home, running, chance)):
                killed[struck] += 1
                due += chance.randint(1, 2 * EACH - 1)
            waiting = counts.get("queued", 0) + counts.get("running", 0)
            if sum(counts.values()) >= slides and not waiting:
                break
        return killed
    finally:
        for one in running.values():
            _end(one)


def _strike(home: Path, running: dict[str, BaseProcess], chance: random.Random) -> str:
    """Kills one of those that have worked already, at any moment; says which kind it was."""
    alive = [
        (name, one)
        for name, one in sorted(running.items())
        if one.is_alive() and (home / MARKS / str(one.pid)).exists()
    ]
    if not alive:
        return ""
    name, process = chance.choice(alive)
    inner = _computing(home, process.pid) if name != "feed" and chance.random() < 0.15 else []
    time.sleep(chance.uniform(0, 0.3))
    if inner:
        with suppress(psutil.Error):
            chance.choice(inner).kill()
            return COMPUTING
    process.kill()
    process.join()
    return FEEDING if name == "feed" else WORKER


def _computing(home: Path, pid: int | None) -> list[psutil.Process]:
    """The processes that compute for a worker, as it noted after its last slide."""
    found: list[psutil.Process] = []
    for noted in (home / MARKS / str(pid)).read_text().split():
        with suppress(psutil.Error):
            one = psutil.Process(int(noted))
            if any("forkserver" in word for word in one.cmdline()):
                found.append(one)
    return found


def _end(process: BaseProcess) -> None:
    """Those that compute for it end with it."""
    process.kill()
    process.join()


def _counted(house: House, home: Path, names: dict[str, int]) -> tuple[int, int]:
    """How many slides have no whole, right result, and how many have more than one."""
    floor, results = house.floor, Results(house.floor)
    found: Counter[int] = Counter()
    right: set[int] = set()
    for one in floor.slides.listing.some(WHOLE, limit=10 * len(names)):
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
    path.write_bytes(picture(seed, WIDTH, HEIGHT))
    slide, toy = open_bare(path), Toy()
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
