"""Background work: what was stored is taken into the chart, what was signed is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from countersign.ground.db import DatabaseUnavailable
from countersign.ground.jobs import Handler, Interrupted, JobContext, NotNow, Periodic
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .processing import Processor
from .sending import Sender
from .settings import Hl7v2Settings

PROCESS, SEND, CLEAR = "hl7v2.process", "hl7v2.send", "hl7v2.clear"
KEPT_DAYS = 90
"""Days after which a message that was processed or set aside is cleared away."""

PERIODIC = (Periodic(PROCESS, 15.0), Periodic(SEND, 5.0), Periodic(CLEAR, 6 * 3600.0))
"""Each batch wakes the processing by itself; the period finds what a killed worker left."""


def handlers(settings: Hl7v2Settings) -> Callable[[Floor], Mapping[str, Handler]]:
    """The tasks of an installation with these settings."""

    def made(floor: Floor) -> Mapping[str, Handler]:
        processor = Processor(
            floor.messages,
            floor.chart,
            lambda: frozenset(one.code for one in floor.people.departments()),
            settings.departments,
        )
        sender = Sender(floor, settings.send) if settings.send is not None else None

        def process(context: JobContext, args: JSON) -> None:
            try:
                processor.run(lambda: context.stopping)
            except (DatabaseUnavailable, LedgerUnavailable):
                raise NotNow from None
            if context.stopping:
                raise Interrupted

        def send(context: JobContext, args: JSON) -> None:
            if sender is not None:
                sender.run(lambda: context.stopping)

        def clear(context: JobContext, args: JSON) -> None:
            floor.messages.inbox.clear(KEPT_DAYS)

        return {PROCESS: process, SEND: send, CLEAR: clear}

    return made
