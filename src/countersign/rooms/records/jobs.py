"""Background work of records: what was kept of signed ones is measured soon after they are."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Files, Records

MEASURE = "records.measure"
"""The task that measures what was kept."""

PERIODIC = (Periodic(MEASURE, 300),)


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The task of measuring."""
    room = Records(floor, Files(floor.records, floor.icd10))

    def measure(context: JobContext, args: JSON) -> None:
        context.progress(room.measure(), None)

    return {MEASURE: measure}
