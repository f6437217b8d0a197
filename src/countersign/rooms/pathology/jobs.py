"""Background work of pathology: each slide's own job, the watched folder, and upkeep."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from countersign.ground.db import DatabaseUnavailable
from countersign.ground.imaging import ImageFull, ImageUnwritable
from countersign.ground.jobs import Handler, JobContext, NotNow, Periodic
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.shell import Floor
from countersign.ground.slides import SlidesFull
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .service import Analysing, Taking, Upkeep, Watching
from .service.arriving import arrived
from .service.reporting import Reporting
from .service.reporting_demonstration import Demonstrating
from .service.signing import Signing

SLIDE = "pathology.slide"
FOLDER = "pathology.folder"
UPKEEP = "pathology.upkeep"
RECEIVED = "pathology.received"
DEMONSTRATE = "pathology.demonstrate"
PERIODIC = (Periodic(FOLDER, 10), Periodic(UPKEEP, 120))

PASSING = (DatabaseUnavailable, LedgerUnavailable, SlidesFull, ImageFull, ImageUnwritable, OSError)
"""What may be over at the next try."""

SAID = 3600.0
"""Seconds between two words on what a series waits for."""

logger = logging.getLogger(__name__)
_told: dict[str, float] = {}


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    analysing, watching, upkeep = Analysing(floor), Watching(floor), Upkeep(floor, SLIDE)
    signing, taking = Signing(floor, Reporting(floor)), Taking(floor)

    def slide(context: JobContext, args: JSON) -> None:
        analysing.work(context, str(args["slide"]))

    def folder(context: JobContext, args: JSON) -> None:
        context.progress(watching.look(), None)

    def tend(context: JobContext, args: JSON) -> None:
        done = upkeep.tend() + signing.settle_all()
        context.progress(done + taking.take(lambda: context.stopping), None)

    def demonstrate(context: JobContext, args: JSON) -> None:
        context.progress(Demonstrating(floor).draw(), None)

    def received(context: JobContext, args: JSON) -> None:
        context.progress(taken_in(floor, str(args["series"])), 1)

    return {
        SLIDE: slide,
        FOLDER: folder,
        UPKEEP: tend,
        RECEIVED: received,
        DEMONSTRATE: demonstrate,
    }


def taken_in(floor: Floor, series: str) -> int:
    """As ``arrived``. What was acknowledged waits for the disk, the ledger or the database, and is
    no dead letter of theirs: raises NotNow."""
    try:
        return arrived(floor, series)
    except PASSING as problem:
        # It is tried every few seconds, and is said once an hour.
        now = time.monotonic()
        if now - _told.get(series, -SAID) >= SAID:
            _told[series] = now
            code = problem.code if isinstance(problem, CountersignError) else type(problem).__name__
            logger.warning("a series that was received waits: %s", code)
        raise NotNow from None
