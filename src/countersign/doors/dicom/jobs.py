"""Background work: a series of which no more comes is handed on, and what nobody knows goes."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

HAND_ON, CLEAR = "dicom.hand-on", "dicom.clear"
PERIODIC = (Periodic(HAND_ON, 5.0), Periodic(CLEAR, 6 * 3600.0))


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of the door."""

    def hand_on(context: JobContext, args: JSON) -> None:
        floor.received.hand_on()

    def clear(context: JobContext, args: JSON) -> None:
        floor.received.clear()

    return {HAND_ON: hand_on, CLEAR: clear}
