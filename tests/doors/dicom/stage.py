"""A small real house that takes pictures in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from building import Building
from countersign.doors.dicom.receiving import Receiver
from countersign.doors.dicom.settings import DicomSettings
from countersign.ground.db import DbRole
from countersign.ground.imaging import Received
from countersign.ground.ledger import Recorded
from countersign.kit.ids import new_id
from dicoms import ROOT

_numbers = itertools.count(100)


def fresh() -> int:
    """The number of a series that no other test uses."""
    return next(_numbers)


@contextmanager
def listening(
    building: Building, received: Received | None = None, tls: Any = None, **settings: Any
) -> Iterator[int]:
    """The port of a storage provider that lets SCANNER send until the block ends."""
    wanted = replace(DicomSettings(callers=("SCANNER",)), **settings)
    receiver = Receiver(received or building.floor.received, wanted, tls)
    port = receiver.start()
    try:
        yield port
    finally:
        receiver.stop()


def peer(port: int) -> tuple[str, ...]:
    """How DCMTK's programs are told where to go, and as whom."""
    return ("-aet", "SCANNER", "-aec", "COUNTERSIGN", "127.0.0.1", str(port))


def received(building: Building, **changes: Any) -> Received:
    """What keeps pictures, with other limits."""
    house = building.house
    given = {"largest": 2**30, "quiet": 0.0, "reserve": 0, **changes}
    return Received(
        building.database.pool(DbRole.INTERFACE),
        house.vault,
        building.ledger,
        house.floor.jobs,
        new_id,
        house.settings.home / "received",
        "pathology.received",
        **given,
    )


def files(building: Building, series: int) -> list[Path]:
    """What lies in the folder of a series."""
    return sorted((building.house.settings.home / "received" / f"{ROOT}.{series}").glob("*"))


def arriving(building: Building) -> list[Path]:
    """What lies in the folder of what is not whole."""
    return list((building.house.settings.home / "received" / "arriving").glob("*"))


def receipts(building: Building, series: int) -> list[Recorded]:
    """What the ledger knows of a series."""
    return building.events(f"series:{ROOT}.{series}")
