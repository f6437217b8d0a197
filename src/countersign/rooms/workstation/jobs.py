"""Reviews a chart whenever new data reached it."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, NotNow
from countersign.ground.models import AIStopped
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .inference import MODEL
from .service import ResultsReview

REVIEW = "workstation.review"


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room; while AI is stopped they wait, and are done once it runs."""
    room = ResultsReview(floor.chart, floor.signoff, MODEL, floor.clock)

    def review(context: JobContext, args: JSON) -> None:
        try:
            floor.switch.require_running()
            context.progress(len(room.review(str(args["patient"]))), None)
        except AIStopped:
            raise NotNow from None

    return {REVIEW: review}
