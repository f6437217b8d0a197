"""Reads the result files of other benchmark tools, and refuses clearly what is none."""

from .imported import (
    LARGEST,
    Imported,
    ImportedScore,
    ImportTooLarge,
    UnknownFormat,
    UnreadableImport,
)
from .reading import imported, restored, written

__all__ = [
    "LARGEST",
    "ImportTooLarge",
    "Imported",
    "ImportedScore",
    "UnknownFormat",
    "UnreadableImport",
    "imported",
    "restored",
    "written",
]
