"""What runs once a patient has sent an interview: the physician's draft."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, NotNow
from countersign.ground.models import AIStopped
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Proposing

PROPOSE = "preconsult.propose"


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """While AI is stopped, it waits."""
    proposing = Proposing(floor)

    def propose(context: JobContext, args: JSON) -> None:
        del context
        try:
            proposing.propose(str(args["interview"]))
        except AIStopped as problem:
            raise NotNow from problem

    return {PROPOSE: propose}
