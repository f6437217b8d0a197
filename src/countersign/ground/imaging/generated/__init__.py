"""Slides drawn here, with a truth that no scanned slide has: for tests, measurements and show."""

from .artefacts import Spoiled, spoiled
from .demonstration import SLIDES, Shown, Wanted, write_demonstration
from .dicom import write_dicom
from .field import Cells, Field, Kind
from .he import draw_he
from .ihc import draw_ihc
from .sheet import Picture, Repeated, Sheet
from .writing import Coding, write_tiff

__all__ = [
    "Cells",
    "Coding",
    "Field",
    "Kind",
    "Picture",
    "Repeated",
    "SLIDES",
    "Sheet",
    "Shown",
    "Spoiled",
    "Wanted",
    "draw_he",
    "draw_ihc",
    "spoiled",
    "write_demonstration",
    "write_dicom",
    "write_tiff",
]
