"""The process that does background work for every room."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from countersign.doors.dicom.jobs import PERIODIC as PICTURES
from countersign.doors.dicom.jobs import handlers as picture_handlers
from countersign.doors.hl7v2.jobs import PERIODIC as MESSAGES
from countersign.doors.hl7v2.jobs import handlers as message_handlers
from countersign.ground.jobs import Handler, Periodic

from .house import House, open_house
from .logs import configure
from .orphan import leave_with_starter
from .part import mark_ready
from .rooms import ROOMS
from .settings import Settings


def work(settings: Settings) -> None:
    """Works until the process is asked to end."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    configure(settings.log)
    leave_with_starter(stop)
    with open_house(settings) as house:
        mark_ready(settings)
        house.floor.jobs.run_worker(handlers(house), stop, periodic(settings))


def handlers(house: House) -> dict[str, Handler]:
    """Every room's tasks by name."""
    found: dict[str, Handler] = {}
    for room in ROOMS:
        if room.jobs is not None:
            found.update(room.jobs(house.floor))
    found.update(message_handlers(house.settings.hl7v2)(house.floor))
    found.update(picture_handlers(house.floor))
    return found


def periodic(settings: Settings) -> tuple[Periodic, ...]:
    """Every room's tasks of every so many seconds, and those of the doors that are open."""
    messages = MESSAGES if settings.hl7v2.port or settings.hl7v2.send else ()
    return (*(one for room in ROOMS for one in room.periodic), *messages, *PICTURES)
