"""Which model measures now: what came with the software, or what a person put in service here."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from countersign.ground.models import ModelRef
from countersign.ground.shell import Floor
from countersign.rooms.pathology.inference.registry import (
    CARDS,
    TRAINED,
    MakeAnalysis,
    OwnModel,
)


def serving(floor: Floor, analysis: str, shipped: MakeAnalysis) -> MakeAnalysis:
    """What makes ``analysis`` with the model that is in service.

    Raises UnknownVersion, Unreadable, DatabaseUnavailable.
    """
    work = TRAINED.get(analysis)
    ref = None if work is None else floor.trained.in_service(work)
    if ref is None:
        return shipped
    return OwnModel(analysis, _file(floor, ref))


def reference(floor: Floor, analysis: str, version: str) -> ModelRef | None:
    """The registered version that measured so; None where there is none."""
    for card, digest in CARDS:
        if card.name in (analysis, f"pathology-{analysis}") and version == card.version:
            return ModelRef(card.name, card.version, digest)
    for one in floor.trained.all():
        if one.work == TRAINED.get(analysis) and version.endswith(one.ref.digest[:12]):
            return one.ref
    return None


def _file(floor: Floor, ref: ModelRef) -> Path:
    """Its file by its content; written once, whole or not at all."""
    folder = floor.slides.models
    file = folder / ref.digest
    if not file.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = folder / f"{ref.digest}.{floor.new_id()}"
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(floor.trained.artefact(ref))
                out.flush()
                os.fsync(out.fileno())
            made.replace(file)
        finally:
            with suppress(FileNotFoundError):
                made.unlink()
    return file
