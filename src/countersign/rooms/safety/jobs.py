"""What the safety loop does by itself: escalate overdue cases, trace drafts from before."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.identity import Principal
from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

ESCALATE = "safety.escalate"
TRACE = "safety.trace"
PERIODIC = (Periodic(ESCALATE, 60), Periodic(TRACE, 300))


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""

    def escalate(context: JobContext, args: JSON) -> None:
        timekeeper = Principal.system("timekeeper")
        context.progress(floor.signoff.adjudication.escalate(timekeeper), None)

    def trace(context: JobContext, args: JSON) -> None:
        context.progress(floor.signoff.tracing.catch_up(), None)

    return {ESCALATE: escalate, TRACE: trace}
