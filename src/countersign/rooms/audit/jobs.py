"""What the audit does by itself: it sends checkpoints to the witnesses."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

WITNESS = "audit.witness"

PERIODIC = (Periodic(WITNESS, 15),)


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The task of this room."""

    def witness(context: JobContext, args: JSON) -> None:
        context.progress(floor.witnesses.send(), None)

    return {WITNESS: witness}
