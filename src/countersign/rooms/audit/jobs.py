"""What the audit does by itself: checkpoints to the witnesses, events to the collector."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

WITNESS = "audit.witness"

FORWARD = "audit.forward"

PERIODIC = (Periodic(WITNESS, 15), Periodic(FORWARD, 5))


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""

    def witness(context: JobContext, args: JSON) -> None:
        context.progress(floor.witnesses.send(), None)

    def forward(context: JobContext, args: JSON) -> None:
        context.progress(floor.forwarding.send(), None)

    return {WITNESS: witness, FORWARD: forward}
