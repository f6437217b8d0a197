"""Which model measures now: what came with the software, or what a person put in service here."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from countersign.ground.models import ModelRef
from countersign.ground.shell import Floor
from countersign.rooms.pathology.inference.cards import CARDS
from countersign.rooms.pathology.inference.registry import (
    OUTLINING,
    TRAINED,
    MakeAnalysis,
    OwnModel,
)


def serving(floor: Floor, analysis: str, shipped: MakeAnalysis) -> MakeAnalysis:
    """What makes ``analysis`` with the models that are in service.

    Raises UnknownVersion, Unreadable, DatabaseUnavailable.
    """
    model, glands = (_in_service(floor, works.get(analysis)) for works in (TRAINED, OUTLINING))
    if model is None and glands is None:
        return shipped
    return OwnModel(analysis, model, glands)


def _in_service(floor: Floor, work: str | None) -> Path | None:
    ref = None if work is None else floor.trained.in_service(work)
    return None if ref is None else _file(floor, ref)


def reference(floor: Floor, analysis: str, version: str) -> ModelRef | None:
    """The registered version that measured so; None where there is none. Of glands see
    ``outliner``."""
    method, _ = _parted(version)
    for card, digest in CARDS:
        if card.name in (analysis, f"pathology-{analysis}") and method == card.version:
            return ModelRef(card.name, card.version, digest)
    return _trained(floor, TRAINED.get(analysis), method) or _earlier(floor, analysis, method)


def _earlier(floor: Floor, analysis: str, method: str) -> ModelRef | None:
    """What came with an earlier version of the software and measured before the upgrade."""
    for one in floor.registry.all():
        if one.ref.name == f"pathology-{analysis}" and one.ref.version == method:
            return one.ref
    return None


def outliner(floor: Floor, analysis: str, version: str) -> ModelRef | None:
    """The hospital's own network that outlined the glands; None where it was the shipped one."""
    _, glands = _parted(version)
    return _trained(floor, OUTLINING.get(analysis), glands) if glands else None


def _parted(version: str) -> tuple[str, str]:
    """What names the method with its network for nuclei, and what the network for glands."""
    method, _, glands = version.partition("+g")
    return method, glands


def _trained(floor: Floor, work: str | None, ending: str) -> ModelRef | None:
    for one in floor.trained.all():
        if one.work == work and ending.endswith(one.ref.digest[:12]):
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
