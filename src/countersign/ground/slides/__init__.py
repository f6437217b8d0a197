"""Whole slides as the hospital keeps them: received, matched, measured, corrected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from countersign.ground.db import Database, DbRole
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger
from countersign.ground.vault import Vault
from countersign.kit.ids import NewId

from .changing import ANEW, TOLD, Cause, Changing, ControlAlarm, ControlChange
from .charting import CHARTED, Charting, Covered, DayOfSlides, Figures, Spread
from .correcting import Correcting, effective
from .errors import (
    BadCorrection,
    CannotUndo,
    ChangeWithdrawn,
    NothingMeasured,
    SlideGone,
    SlidesFull,
    UnfitChange,
    UnfitFolder,
    UnfitPackage,
    UnfitSlide,
    UnknownSlide,
    UploadBroken,
    WrongSlideState,
)
from .files import SlideFiles, companions, layout_of
from .held import (
    MOVES,
    SLIDE_SYSTEM,
    Advance,
    Correction,
    CorrectionKind,
    Described,
    How,
    KeptSlide,
    Match,
    MatchedBy,
    Received,
    Run,
    State,
    Told,
)
from .intake import HINTS, Intake
from .keeping import Keeping, Step
from .listing import Listing
from .places import Fingerprint, fingerprint, place_of
from .running import FINDINGS, NUCLEI, PLAN, Running, part_name


@dataclass(frozen=True, slots=True)
class Slides:
    """Everything about kept slides. Rights are asked for by whoever calls: rooms and doors.

    ``models`` is a folder that every computing process can read, for models in service.
    """

    intake: Intake
    keeping: Keeping
    running: Running
    correcting: Correcting
    listing: Listing
    charting: Charting
    changing: Changing
    models: Path


def open_slides(
    database: Database,
    vault: Vault,
    ledger: Ledger,
    jobs: Jobs,
    new_id: NewId,
    root: Path,
    watched: Path | None,
    task: str,
) -> Slides:
    """``root`` holds received files and all results; ``task`` examines and measures a slide."""
    pool, files = database.pool(DbRole.ROOM), SlideFiles(root, new_id)
    keeping = Keeping(pool, vault, ledger, jobs, files, watched, task)
    running = Running(pool, vault, ledger, new_id, files, keeping)
    return Slides(
        Intake(pool, vault, ledger, jobs, new_id, files, task),
        keeping,
        running,
        Correcting(pool, vault, ledger, running),
        Listing(pool, vault),
        Charting(pool),
        Changing(pool, ledger),
        root / "models",
    )


__all__ = [
    "ANEW",
    "CHARTED",
    "FINDINGS",
    "HINTS",
    "MOVES",
    "NUCLEI",
    "PLAN",
    "SLIDE_SYSTEM",
    "Advance",
    "BadCorrection",
    "CannotUndo",
    "Cause",
    "ChangeWithdrawn",
    "Changing",
    "Charting",
    "ControlAlarm",
    "ControlChange",
    "Correcting",
    "Correction",
    "CorrectionKind",
    "Covered",
    "DayOfSlides",
    "Described",
    "Figures",
    "Fingerprint",
    "How",
    "Intake",
    "Keeping",
    "KeptSlide",
    "Listing",
    "Match",
    "MatchedBy",
    "NothingMeasured",
    "Received",
    "Run",
    "Running",
    "SlideFiles",
    "SlideGone",
    "Slides",
    "SlidesFull",
    "Spread",
    "State",
    "Step",
    "TOLD",
    "Told",
    "UnfitChange",
    "UnfitFolder",
    "UnfitPackage",
    "UnfitSlide",
    "UnknownSlide",
    "UploadBroken",
    "WrongSlideState",
    "companions",
    "effective",
    "fingerprint",
    "layout_of",
    "open_slides",
    "part_name",
    "place_of",
]
