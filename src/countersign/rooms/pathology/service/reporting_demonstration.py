"""The slides of the demonstration hospital: drawn once by a job, measured like any other.

One is a photograph, ``pictures/fhl2.png``: colonic glands with FHL2 revealed by DAB, acquired at
the Center for Microscopy And Molecular Imaging, no known copyright restrictions; handed on by
scikit-image as ``data.immunohistochemistry``. FHL2 stains cytoplasm: it is there to be looked at
and has no analysis, least of all Ki-67.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Final

from countersign.ground.imaging import generated
from countersign.ground.shell import Floor

from .analysing import PATHOLOGY

SIZE: Final = (2048, 1536)
"""Pixels of half a micrometre: a second of drawing each, some thousand nuclei."""

DRAWN: Final = generated.SLIDES
SEED: Final = 2026
PHOTOGRAPH: Final = Path(__file__).parent.parent / "pictures" / "fhl2.png"
OF_PHOTOGRAPH: Final = {"accession": "S26-1007", "block": "A1", "stain": "other-stain"}


@dataclass(frozen=True, slots=True)
class ToDraw:
    """One slide to draw into a folder, in a computing process."""

    folder: Path
    wanted: generated.Wanted
    number: int


class Demonstrating:
    """Draws nothing where patients are real."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def draw(self) -> int:
        """Hands every slide in; what is here already is recognised by its content."""
        if not self._floor.demo:
            return 0
        done = 0
        with TemporaryDirectory(prefix="countersign-slides-") as folder:
            items = [ToDraw(Path(folder), one, at) for at, one in enumerate(DRAWN)]
            for path in self._floor.compute.map(draw_one, items):
                self._floor.slides.intake.receive_files([path], "command", PATHOLOGY, move=True)
                done += 1
            shown = Path(copy(PHOTOGRAPH, Path(folder) / "S26-1007-A1-FHL2.png"))
            self._floor.slides.intake.receive_files(
                [shown], "command", PATHOLOGY, hints=OF_PHOTOGRAPH, move=True
            )
        return done + 1


def draw_one(item: ToDraw) -> Path:
    """The file, named by what its label says: case, block and stain."""
    shown = generated.write_demonstration(item.folder, SEED + item.number, (item.wanted,), SIZE)
    return shown[0].path
