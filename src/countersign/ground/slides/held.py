"""The things that pass between the keeper of slides and those who use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

SLIDE_SYSTEM: Final = "urn:countersign:slide"
"""The system under which resources of the chart name a slide."""

State = Literal[
    "queued",
    "unmatched",
    "running",
    "ready",
    "draft",
    "signed",
    "damaged",
    "failed",
    "rescan",
    "set-aside",
]
"""``damaged``: the file cannot be read; ``failed``: measuring did not end, through no fault of the
file that is known; ``unmatched``: nobody knows whose it is or how it was stained; ``rescan``: a
person or a measurement asks for another scan; ``set-aside``: somebody took it from the queue."""

How = Literal["folder", "upload", "command", "c-store", "stow"]
Layout = Literal["file", "mirax", "instances"]
MatchedBy = Literal["barcode", "text", "name", "dicom", "given", "hand"]
CorrectionKind = Literal["threshold", "region", "nuclei", "undo"]

MOVES: Final[Mapping[str, tuple[State, ...]]] = {
    "": ("queued",),
    "queued": ("running", "unmatched", "damaged", "failed", "rescan", "set-aside"),
    "unmatched": ("queued", "damaged", "rescan", "set-aside"),
    "running": ("ready", "queued", "damaged", "failed", "rescan", "set-aside", "unmatched"),
    "ready": ("draft", "queued", "unmatched", "rescan", "damaged", "set-aside"),
    "draft": ("ready", "signed", "rescan"),
    "signed": ("draft",),
    "damaged": ("queued", "set-aside"),
    "failed": ("queued", "set-aside"),
    "rescan": ("queued", "set-aside"),
    "set-aside": ("queued",),
}
"""Which state may follow which; the database holds the same table and refuses everything else."""


@dataclass(frozen=True, slots=True)
class Described:
    """What an opened slide says of itself; sizes in level-0 pixels, ``mpp`` in µm."""

    format: str
    width: int
    height: int
    levels: int
    mpp: tuple[float, float] | None
    scanner: str


@dataclass(frozen=True, slots=True)
class KeptSlide:
    """A slide with where it stands now. ``number`` counts arrivals; ``sha256`` is that of its
    content, in hexadecimal; ``kept`` whether it lies in the house's own folder. ``matched`` is 0
    until somebody or something said whose it is."""

    id: str
    number: int
    sha256: str
    bytes: int
    layout: Layout
    suffix: str
    kept: bool
    how: How
    at: datetime
    state: State
    code: str
    changed_at: datetime
    patient: str | None
    stain: str | None
    matched: int
    described: Described | None


@dataclass(frozen=True, slots=True)
class Told:
    """What the file and its label say: it may name a patient. ``place`` is the path within the
    watched folder, empty for what is kept; ``hints`` are what whoever sent it said:
    ``mrn``, ``accession``, ``block``, ``stain``, ``specimen``. ``read`` is what a text recognition
    makes of the label's picture: good for a proposal to a person, never for a match."""

    name: str = field(repr=False)
    place: str = field(default="", repr=False)
    label: str = field(default="", repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)
    hints: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    read: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a slide is and how it was stained (``ki67``, ``he``, …). ``specimen`` and ``order``
    are references into the chart, empty where there are none."""

    patient: str
    stain: str
    how: MatchedBy
    accession: str = field(default="", repr=False)
    block: str = field(default="", repr=False)
    specimen: str = ""
    order: str = ""
    actor: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a run is: tiles done of all, and those of this attempt since ``began``."""

    done: int
    total: int
    began: datetime
    began_done: int
    at: datetime

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at the pace of this attempt; None while that is unknown."""
        made, spent = self.done - self.began_done, (self.at - self.began).total_seconds()
        if made <= 0 or spent <= 0:
            return None
        return (self.total - self.done) * spent / made


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis of a slide. ``outcome`` is None while it is not over."""

    id: str
    slide: str
    patient: str
    analysis: str
    version: str
    at: datetime
    outcome: Literal["measured", "damaged", "rescan", "failed", "cancelled"] | None
    code: str
    nuclei: int | None
    nuclei_sha256: str | None
    findings_sha256: str | None
    advance: Advance | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person changed of a run's result.

    ``threshold``: ``{"value": float}``, an optical density of the second stain. ``region``:
    ``{"kind", "name", "outline": [[x, y], …], "holes": [[[x, y], …], …]}`` in level-0 pixels,
    ``kind`` as in ``measured.Region``. ``nuclei``: ``{"indices": [int, …], "tumour": bool?,
    "positive": bool?}``, rows of the run's Nuclei. ``undo``: ``undoes`` is a number before it.
    """

    slide: str
    number: int
    run: str
    kind: CorrectionKind
    value: Mapping[str, Any] = field(repr=False)
    undoes: int | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """The slide that a file became; ``new`` is False where its content was here before."""

    slide: str
    new: bool
