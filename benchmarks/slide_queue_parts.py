"""The processes of ``slide_queue`` that are killed: one that hands slides in, some that work."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.slide_queue_spares import Spares
from benchmarks.slide_toy import Pixels, Toy, ToySlide
from countersign.app.house import open_house
from countersign.app.orphan import leave_with_starter
from countersign.app.pictures import SLIDE
from countersign.app.settings import Settings
from countersign.ground.imaging import Associated, Slide
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

WIDTH, HEIGHT = 64, 32
"""Pixels of a slide: two tiles, the first durable before the second is measured."""

SPARES = 2
"""Computing processes of a worker, of which one works."""

PACE = Pace(
    concurrency=8, poll=1.0, heartbeat=1.0, silent=8.0, retry_after=(0.5, 1.0, 2.0, 2.0, 2.0)
)
ACKNOWLEDGED, SENT, MARKS = "acknowledged", "sent", "marks"


class Bare(ToySlide):
    """Without a label: looking for codes in noise would take longer than all the rest."""

    def associated(self, which: Associated) -> Pixels | None:
        return None


def open_bare(path: Path) -> Slide:
    """As ``open_toy``."""
    return Bare(path)


REGISTRY = Registry({"ki67": Toy}, open_bare)


def settings(home: Path) -> Settings:
    """Those of every process of the measurement."""
    return Settings(
        home=home, demonstration=False, slides_folder=home / "scanner", compute_processes=1
    )


def begun(home: Path, others: Iterable[int] = ()) -> None:
    """Marks that this process works, and by which others: who is killed before it ever did tells
    nothing."""
    (home / MARKS).mkdir(exist_ok=True)
    (home / MARKS / str(os.getpid())).write_text(" ".join(map(str, others)))


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
    watching.QUIET, watching.SETTLED = timedelta(seconds=0.5), timedelta(seconds=5)
    stop = threading.Event()
    leave_with_starter(stop)
    logging.disable()  # tasks of other rooms have no handler here
    spares = Spares(SPARES)
    with open_house(settings(home)) as house:
        floor = replace(house.floor, compute=spares)
        measuring, looking = Analysing(floor, REGISTRY), Watching(floor)
        upkeep = Upkeep(floor, SLIDE)

        def slide(context: JobContext, args: JSON) -> None:
            measuring.work(context, str(args["slide"]))
            begun(home, spares.pids)

        def folder(context: JobContext, args: JSON) -> None:
            looking.look()

        def tend(context: JobContext, args: JSON) -> None:
            upkeep.tend()

        tasks = {SLIDE: slide, FOLDER: folder, UPKEEP: tend}
        floor.jobs.run_worker(tasks, stop, (Periodic(FOLDER, 2), Periodic(UPKEEP, 20)), PACE)


PARTS = {"feed": feed, "work": work}
"""What the processes do."""
