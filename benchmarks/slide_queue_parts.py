"""The processes of ``slide_queue`` that are killed: one that hands slides in, some that work."""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

from benchmarks.slide_toy import Toy, open_toy
from countersign.app.house import SLIDE, open_house
from countersign.app.orphan import leave_with_starter
from countersign.app.settings import Settings
from countersign.ground.jobs import JobContext, Pace, Periodic
from countersign.kit.json import JSON
from countersign.rooms.pathology.inference.registry import Registry
from countersign.rooms.pathology.jobs import FOLDER, UPKEEP
from countersign.rooms.pathology.service import (
    PATHOLOGY,
    Analysing,
    Upkeep,
    Watching,
    analysing,
    watching,
)

REGISTRY = Registry({"ki67": Toy}, open_toy)
PACE = Pace(
    concurrency=2, poll=0.2, heartbeat=0.5, silent=4.0, retry_after=(0.5, 1.0, 2.0, 2.0, 2.0)
)
ACKNOWLEDGED, SENT, MARKS = "acknowledged", "sent", "marks"


def settings(home: Path) -> Settings:
    """Those of every process of the measurement."""
    return Settings(
        home=home, demonstration=False, slides_folder=home / "scanner", compute_processes=1
    )


def begun(home: Path) -> None:
    """Marks that this process works: who is killed before it ever did tells nothing."""
    (home / MARKS).mkdir(exist_ok=True)
    (home / MARKS / str(os.getpid())).touch()


def feed(home: Path) -> None:
    """Hands in what lies in ``sent`` and was not acknowledged; notes each that was."""
    known = home / ACKNOWLEDGED
    done = set(known.read_text().split()) if known.exists() else set[str]()
    with open_house(settings(home)) as house, known.open("a") as noted:
        for path in sorted((home / SENT).iterdir()):
            if path.name in done:
                continue
            house.floor.slides.intake.receive_files([path], "command", PATHOLOGY)
            noted.write(f"{path.name}\n")
            noted.flush()
            os.fsync(noted.fileno())
            begun(home)


def work(home: Path) -> None:
    """As the worker of the house, with a tiny analysis; each tile becomes durable at once."""
    analysing.EVERY, analysing.GROUP = timedelta(seconds=-1), 1
    watching.QUIET = timedelta(seconds=0.5)
    stop = threading.Event()
    leave_with_starter(stop)
    with open_house(settings(home)) as house:
        floor = house.floor
        measuring, looking = Analysing(floor, REGISTRY), Watching(floor)
        upkeep = Upkeep(floor, SLIDE)

        def slide(context: JobContext, args: JSON) -> None:
            measuring.work(context, str(args["slide"]))
            begun(home)

        def folder(context: JobContext, args: JSON) -> None:
            looking.look()

        def tend(context: JobContext, args: JSON) -> None:
            upkeep.tend()

        tasks = {SLIDE: slide, FOLDER: folder, UPKEEP: tend}
        floor.jobs.run_worker(tasks, stop, (Periodic(FOLDER, 1), Periodic(UPKEEP, 10)), PACE)


if __name__ == "__main__":
    {"feed": feed, "work": work}[sys.argv[1]](Path(sys.argv[2]))
