"""What was seen, denied or left open in one patient: the only thing that reasoning starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Whether the finding is there."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"


class Holder(StrEnum):
    """Whose finding it is."""

    PATIENT = "patient"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was read: ``start`` to ``end`` (0-based, end exclusive) of a text, or a resource.

    ``source`` is ``text`` for words that somebody just wrote, otherwise a FHIR reference with its
    version (``Observation/7/_history/2``); for a resource as a whole, both positions are 0.
    """

    source: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """``term`` is an HPO identifier (``HP:0001945``) where one exists, else ``local:<name>``.

    ``past`` marks what is over; ``place`` is None where a person chose the term from a list.
    ``known`` marks a diagnosis that the patient had before this visit: it is context, and no
    evidence for a rare disease. ``explained`` names the known diagnoses (``ICD10:N18``) that
    explain a finding of the chart; whoever asks the engines leaves such a finding out.
    """

    term: str
    status: Status = Status.PRESENT
    holder: Holder = Holder.PATIENT
    past: bool = False
    place: Place | None = None
    known: bool = False
    explained: tuple[str, ...] = ()
