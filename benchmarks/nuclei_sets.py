"""The two labelled sets of nuclei on H&E; the networks of each learn from the other one first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import Unmeasurable
from benchmarks.nuclei_training import Before
from benchmarks.shared import FOLDER
from countersign.rooms.pathology.domain.he_maps import MPP, SIGHT


@dataclass(frozen=True)
class LabelledSet:
    """A folder of the development data, what it says of itself, and what it is called in a
    sentence."""

    folder: str
    about: dict[str, Any]
    called: str

    def source(self, data: Path | None) -> Path:
        """Where it lies. Raises Unmeasurable."""
        found = (data or FOLDER) / self.folder
        if not found.is_dir():
            raise Unmeasurable(
                f"There are no {self.called}. Give DATA= the folder of development data."
            )
        return found

    def before(self, data: Path | None) -> Before | None:
        """As what another set's networks learn from first; None where it is not there."""
        found = (data or FOLDER) / self.folder
        return Before(found, self.about) if found.is_dir() else None


TILES = LabelledSet(
    "imaging/he/monuseg",
    {"name": "MoNuSeg 2018, 30 tiles", "licence": "CC BY-NC-SA", "mpp": SIGHT},
    "MoNuSeg tiles",
)
COLON = LabelledSet(
    "imaging/he/crchisto",
    {"name": "CRCHistoPhenotypes, 80 fields", "licence": "research only", "mpp": MPP},
    "colon fields",
)
