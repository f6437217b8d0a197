"""Fills collections of cases in the background, and takes out who has refused since."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext
from countersign.ground.library import BUILD
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Cases

REFUSED = "cases.refused"


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    cases = Cases(floor.chart, floor.cases, floor.policy)

    def build(context: JobContext, args: JSON) -> None:
        cases.build(args["collection"], context)

    def refused(context: JobContext, args: JSON) -> None:
        facts = floor.chart.named(args["patient"])
        if {"research", "ai"} & facts.refused:
            context.progress(floor.cases.take_out([args["patient"]]), None)

    return {BUILD: build, REFUSED: refused}
