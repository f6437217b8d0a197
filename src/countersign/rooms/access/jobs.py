"""What access does by itself: labels by rule reach what was there before the rule."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

LABELS = "access.labels"

PERIODIC = (Periodic(LABELS, 15),)


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The task of this room."""

    def labels(context: JobContext, args: JSON) -> None:
        context.progress(floor.chart.label_rules.apply(lambda: context.stopping), None)

    return {LABELS: labels}
