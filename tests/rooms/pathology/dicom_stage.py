"""A signed answer about a slide, and a painted slide that came in no DICOM."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from building import Building
from countersign.ground.imaging import Level, Pixels
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring
from countersign.rooms.pathology.service.dicom import Answer, Figure


def signed(building: Building) -> Any:
    """What a physician accepted."""
    draft = building.drafted()
    building.accept("wang", draft)
    found = building.signoff.reading.signed(draft)
    assert found is not None
    return found


def square(kind: str, left: float, top: float, size: float, **more: Any) -> Region:
    ring = [[left, top], [left + size, top], [left + size, top + size], [left, top + size]]
    return Region(kind, Ring(np.array(ring, np.float32)), **more)


def hole(left: float, top: float, size: float) -> Ring:
    return square("hole", left, top, size).outline


def nuclei(count: int = 300) -> Nuclei:
    chance = np.random.default_rng(7)
    place = chance.uniform(2, 120, (2, count)).astype(np.float32)
    one = np.ones(count, np.float32)
    kinds = np.arange(count, dtype=np.uint8) % 3
    return Nuclei(place[0], place[1], 40 * one, 0.3 * one, 0.4 * one, 0.5 * one, kinds, one)


def answer(building: Building, **changes: Any) -> Answer:
    """Ki-67 of a slide of 192 × 128 pixels: a tumour with a hole, a hotspot, a drawn region."""
    given: dict[str, Any] = {
        "signed": signed(building),
        "slide": "slide-1",
        "figures": (
            Figure("ki67", "Ki-67 index", 23.5, "%", 20.0, 27.5),
            Figure("total", "Tumour nuclei counted", 1234),
            Figure("til_percent", "Stromal TIL", 30.0, "%"),
            Figure("hotspot", "Ki-67 index in the hotspot", 41.0, "%", 35.0, 47.0, region=1),
        ),
        "regions": (
            square("tumour", 16, 16, 64, holes=(hole(32, 32, 16),)),
            square("hotspot", 64, 64, 32),
            square("drawn", 100, 20, 20, name="Invasive edge", drawn_by="person:p1"),
            square("tissue", 0, 0, 128),
        ),
        "nuclei": nuclei(),
        "model": "ki67@1.0.0",
        "signer": "Li^Hua",
        "hospital": "Willow Lane Hospital",
        "zone": ZoneInfo("Asia/Shanghai"),
    }
    return Answer(**{**given, **changes})


class Painted:
    """A slide of two colours, 3000 × 2000 pixels."""

    format = "tiff"
    levels = (Level(3000, 2000, 1.0, 256, 256),)
    mpp: tuple[float, float] | None = (0.5, 0.5)
    properties: dict[str, str] = {}  # noqa: RUF012

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        rows, columns = round(height / downsample), round(width / downsample)
        made = np.full((rows, columns, 3), 240, np.uint8)
        made[: rows // 2, : columns // 2] = (150, 60, 120)
        return made

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return None

    def associated(self, which: object) -> Pixels | None:
        return None

    def close(self) -> None:
        pass
