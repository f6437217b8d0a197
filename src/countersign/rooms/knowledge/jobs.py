"""What knowledge does by itself: read what was received, end what expired, watch folders."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.library import READ
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Knowledge

UPKEEP = "knowledge.upkeep"
FOLDER = "knowledge.folder"
PERIODIC = (Periodic(UPKEEP, 60), Periodic(FOLDER, 20))


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    knowledge = Knowledge(floor.library, floor.signoff, floor.chart, floor.clock)

    def read(context: JobContext, args: JSON) -> None:
        floor.library.understand(str(args["version"]))

    def upkeep(context: JobContext, args: JSON) -> None:
        today = floor.clock().astimezone(floor.site.zone).date()
        done = floor.library.keeping.expire(today)
        done += knowledge.recall_withdrawn() + floor.library.finding.forget()
        context.progress(done, None)

    def folder(context: JobContext, args: JSON) -> None:
        context.progress(floor.library.watching.look(), None)

    return {READ: read, UPKEEP: upkeep, FOLDER: folder}
