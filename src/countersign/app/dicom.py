"""The process that listens for DICOM associations, where a port is configured."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from countersign.doors.dicom.receiving import Receiver
from countersign.ground.egress import answering
from countersign.kit.errors import CountersignError

from .house import open_house
from .logs import configure
from .orphan import leave_with_starter
from .part import mark_ready
from .settings import Settings

PATIENCE = 20.0
"""Seconds that a sender waits for the database before it is told to send again later."""


class NoDicomListener(CountersignError):
    code = "app.dicom_port"
    status = 500
    message = (
        "DICOM cannot be listened for at {host}:{port} ({problem}). Look at "
        "COUNTERSIGN_DICOM_HOST, COUNTERSIGN_DICOM_PORT and the files of the certificate."
    )


def listen_for_pictures(settings: Settings) -> None:
    """Listens until the process is asked to end, or whoever started it is gone."""
    stop, wanted = threading.Event(), settings.dicom

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    configure(settings.log)
    leave_with_starter(stop)
    with open_house(settings, patience=PATIENCE) as house:
        try:
            tls = None
            if wanted.certificate is not None and wanted.key is not None:
                tls = answering(wanted.certificate, wanted.key, wanted.clients)
            receiver = Receiver(house.floor.received, wanted, tls)
            receiver.start()
        except OSError as problem:
            name = type(problem).__name__
            raise NoDicomListener(host=wanted.host, port=wanted.port, problem=name) from None
        mark_ready(settings)
        stop.wait()
        receiver.stop()
