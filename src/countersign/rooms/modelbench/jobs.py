"""What language models do in the background: carry studies on, distil small ones, probe."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from countersign.ground.identity import Principal
from countersign.ground.jobs import Handler, JobContext, NotNow
from countersign.ground.models import DISTIL, PROBE, STUDY_RUN, NoSuchServer, Trouble
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Distilling, Interrupted
from .service.study.opening import open_running
from .service.training import Lesson, Outcome, make

DISTILLER = Principal.system("distiller")
PROBER = Principal.system("worker")


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    running = open_running(floor)
    distilling = Distilling(floor.students.kept, floor.gateway)

    def study(context: JobContext, args: JSON) -> None:
        running.carry_on(str(args["study"]), context)

    def train(lesson: Lesson) -> Outcome:
        """In another process: no page waits for it, and no tensor library comes in here."""
        (outcome,) = floor.compute.map(make, [lesson])
        return outcome

    def distil(context: JobContext, args: JSON) -> None:
        def stops() -> bool:
            return context.stopping

        try:
            distilling.distil(DISTILLER, str(args["task"]), train, context.progress, stops)
        except Interrupted:
            raise NotNow from None

    def probe(context: JobContext, args: JSON) -> None:
        """A server that is away meanwhile keeps what was known; its page says what it is."""
        with suppress(NoSuchServer, Trouble):
            floor.models.probe(PROBER, str(args["server"]))

    return {STUDY_RUN: study, DISTIL: distil, PROBE: probe}
