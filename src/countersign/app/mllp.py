"""The process that listens for HL7 v2 messages, where a port is configured."""

from __future__ import annotations

import asyncio
import os
import signal

from countersign.doors.hl7v2.listener import Listener
from countersign.ground.egress import answering, guarded_loop
from countersign.kit.errors import CountersignError

from .house import House, open_house
from .logs import configure
from .part import mark_ready
from .settings import Settings

PATIENCE = 20.0
"""Seconds that a sender waits for the database before it is told to send again later."""


class NotListening(CountersignError):
    code = "app.hl7v2_port"
    status = 500
    message = (
        "HL7 v2 cannot be listened for at {host}:{port} ({problem}). Look at "
        "COUNTERSIGN_HL7V2_HOST, COUNTERSIGN_HL7V2_PORT and the files of the certificate."
    )


def listen_for_messages(settings: Settings) -> None:
    """Listens until the process is asked to end, or whoever started it is gone."""
    configure(settings.log)
    with (
        open_house(settings, patience=PATIENCE) as house,
        asyncio.Runner(loop_factory=guarded_loop) as runner,
    ):
        runner.run(_listen(house))


async def _listen(house: House) -> None:
    settings, wanted = house.settings, house.settings.hl7v2
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watching = asyncio.create_task(_orphaned(stop))
    try:
        tls = None
        if wanted.certificate is not None and wanted.key is not None:
            tls = answering(wanted.certificate, wanted.key, wanted.clients)
        listener = Listener(
            house.floor.messages.inbox.keep,
            wanted,
            house.floor.clock,
            house.floor.new_id,
            tests=settings.demonstration,
            tls=tls,
        )
        await listener.run(stop, lambda port: mark_ready(settings))
    except OSError as problem:
        name = type(problem).__name__
        raise NotListening(host=wanted.host, port=wanted.port, problem=name) from None
    finally:
        watching.cancel()


async def _orphaned(stop: asyncio.Event) -> None:
    """An orphan would keep the port from its successor."""
    starter = os.getppid()
    while os.getppid() == starter:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.5)
    stop.set()
