"""Reviews a chart whenever new data reached it; answers other systems with what it drafted."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, NotNow
from countersign.ground.models import AIStopped
from countersign.ground.shell import Floor, HookAnswer, HookCall, HookCard, HookHandler
from countersign.kit.json import JSON

from .inference import MODEL
from .service import ROOM, ResultsReview

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


def answer_view(floor: Floor) -> HookHandler:
    """A patient is opened in another system: the drafts that await a decision.

    The review itself ran when the data came, so that nobody waits for it here.
    """

    def answer(call: HookCall) -> HookAnswer:
        drafts = floor.signoff.cards.waiting(call.patient, ROOM)
        return HookAnswer(tuple(map(HookCard, drafts)))

    return answer
