"""The slides whose corrections a signature closed, with what was corrected: read for training."""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from countersign.ground.db import WHOLE
from countersign.rooms.pathology.training.own import SignedSlide, write_own


def own_fields(floor: Any, kind: str, out: Path) -> int:
    """Writes the hospital's own training set for ``kind`` into a folder; how many fields."""
    return write_own(kind, signed_slides(floor), out)


def signed_slides(floor: Any) -> Iterator[SignedSlide]:
    """Each is open while it is looked at. Patients whose keys were destroyed are not among them."""
    from countersign.rooms.pathology.inference.registry import REGISTRY
    from countersign.rooms.pathology.service.results import Results
    from countersign.rooms.pathology.store import region_from

    results = Results(floor)
    for slide, _, standing in floor.slides.correcting.signed():
        kept = floor.slides.keeping.one(WHOLE, slide)
        flips = {
            row: bool(one.value["tumour"])
            for one in standing
            if one.kind == "nuclei" and "tumour" in one.value
            for row in one.value["indices"]
        }
        drawn = tuple(region_from(one.value) for one in standing if one.kind == "region")
        opened = REGISTRY.opener(floor.slides.keeping.path(kept))
        try:
            patient = kept.patient or slide
            yield SignedSlide(slide, patient, opened, results.nuclei_of(slide), flips, drawn)
        finally:
            opened.close()
