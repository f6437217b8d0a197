"""Takes in a slide that another system sent by DICOM, with what its header says of it."""

from __future__ import annotations

from typing import Final

from countersign.ground.shell import Floor

from .analysing import PATHOLOGY

HINTS: Final = {
    "PatientID": "mrn",
    "AccessionNumber": "accession",
    "SpecimenIdentifier": "specimen",
}
"""DICOM's names of what the matching of slides asks for."""


def arrived(floor: Floor, series: str) -> int:
    """Keeps a series that is whole as one slide; 0 where nothing of it is there any more.

    Raises SlidesFull, UnfitSlide, ImageFull, ImageUnwritable, LedgerUnavailable; then the series
    stays where it is, and may be taken in later.
    """
    found = floor.received.series(series)
    if found is None:
        return 0
    hints = {name: found.said[key] for key, name in HINTS.items() if found.said.get(key)}
    how = "stow" if found.peer.startswith("client:") else "c-store"
    with floor.received.lent(found) as paths:
        if paths:
            floor.slides.intake.receive_files(paths, how, PATHOLOGY, hints=hints, move=True)
    floor.received.taken(found)
    return int(bool(paths))
