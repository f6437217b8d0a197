"""What language models do in the background: carry studies on."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext
from countersign.ground.models import STUDY_RUN
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service.study.opening import open_running


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    running = open_running(floor)

    def study(context: JobContext, args: JSON) -> None:
        running.carry_on(str(args["study"]), context)

    return {STUDY_RUN: study}
