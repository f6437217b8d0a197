"""A small real house that listens for HL7 v2, and senders nobody here wrote."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from building import Building
from countersign.doors.hl7v2.listener import Keeping, Listener
from countersign.doors.hl7v2.settings import Hl7v2Settings

A01 = (
    "MSH|^~\\&|HIS|WARD|COUNTERSIGN|HOSPITAL|20261126080000+0800||ADT^A01^ADT_A01|{control}|P|2.5"
    "||||||UNICODE UTF-8\r"
    "EVN|A01|20261126080000+0800\r"
    "PID|1||{number}^^^HIS^MR||{family}^{given}||19500506|M|||上海路1号^^南京^^210000^CN||"
    "02512345678\r"
    "PV1|1|I|cardiology^12^3|R|||1001^李^医生|||CAR|||||||||V{number}^^^HIS"
    "|||||||||||||||||||||||||20261126075900+0800\r"
)
ORU = (
    "MSH|^~\\&|LIS|LAB|COUNTERSIGN|HOSPITAL|20261126090000+0800||ORU^R01^ORU_R01|{control}|P|2.5"
    "||||||UNICODE UTF-8\r"
    "PID|1||{number}^^^HIS^MR||王^小明||19500506|M\r"
    "PV1|1|I|cardiology^12^3||||||||||||||||V{number}^^^HIS\r"
    "ORC|RE|P77|F77\r"
    "OBR|1|P77|F77|U&E^Urea and electrolytes^L|||20261126083000+0800|||||||||||||||"
    "20261126085900+0800|||F\r"
    "OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.3|H|||F|||20261126083000+0800\r"
    "NTE|1||Sample slightly haemolysed\r"
)


def a01(control: str, number: str = "4711", family: str = "王", given: str = "小明") -> str:
    return A01.format(control=control, number=number, family=family, given=given)


def oru(control: str, number: str = "4711", value: str = "6.1") -> str:
    return ORU.format(control=control, number=number, value=value)


@contextmanager
def listening(
    building: Building, keep: Keeping | None = None, tls: Any = None, **settings: Any
) -> Iterator[int]:
    """The port of a listener that runs in a thread until the block ends."""
    ports: list[int] = []
    there, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    def ready(port: int) -> None:
        ports.append(port)
        there.set()

    listener = Listener(
        keep or building.floor.messages.inbox.keep,
        replace(Hl7v2Settings(), **settings),
        building.floor.clock,
        building.floor.new_id,
        tests=False,
        tls=tls,
    )
    thread = threading.Thread(target=lambda: loop.run_until_complete(listener.run(stop, ready)))
    thread.start()
    assert there.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


def fields(answer: bytes | str, segment: str) -> list[str]:
    """The fields of a segment of an acknowledgement."""
    text = answer.decode() if isinstance(answer, bytes) else answer
    for line in text.strip("\x0b\x1c\r").split("\r"):
        if line.startswith(segment):
            return line.split("|")
    return []


def states(building: Building) -> Sequence[str]:
    """The states of all messages in their order."""
    return [
        row["state"] for row in building.rows("select state from messages.incoming order by number")
    ]
