"""Distils in the background: asks the teacher bit by bit, trains in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.identity import Principal
from countersign.ground.jobs import Handler, JobContext, NotNow
from countersign.ground.models import DISTIL
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Distilling, Interrupted
from .service.training import Lesson, Outcome, make

DISTILLER = Principal.system("distiller")


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    distilling = Distilling(floor.students.kept, floor.gateway)

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

    return {DISTIL: distil}
