"""What runs without a person's asking: engines made ready, cards for other systems."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor, HookAnswer, HookCall, HookCard, HookHandler
from countersign.kit.json import JSON

from .service import ROOM, Differential

PREPARE = "differential.prepare"
PERIODIC = (Periodic(PREPARE, 3600),)


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The task of this room: the compiled annotations then lie in the cache for every process."""

    def prepare(context: JobContext, args: JSON) -> None:
        del context, args
        floor.reasoning.prepare()

    return {PREPARE: prepare}


def answer_view(floor: Floor) -> HookHandler:
    """A patient is opened in another system: what the coded findings of the chart make likely.

    A draft that waits is shown as it is; only where there is none the chart is ranked.
    """
    room = Differential(floor)

    def answer(call: HookCall) -> HookAnswer:
        waiting = floor.signoff.cards.waiting(call.patient, ROOM)
        if not waiting:
            made = room.of_chart(call.patient)
            waiting = [made] if made else []
        return HookAnswer(tuple(map(HookCard, waiting[:1])))

    return answer
