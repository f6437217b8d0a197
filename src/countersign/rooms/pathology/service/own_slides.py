"""The slides whose corrections a signature closed, with what was corrected: read for training."""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from countersign.ground.db import WHOLE
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.ki67 import corrected
from countersign.rooms.pathology.training.own import LEARNT, SignedSlide, write_own

ANALYSIS: Final = {"tumour": "ki67", "nuclei": "he"}
"""Of which analysis the corrections teach each model."""


class NothingToLearnFrom(CountersignError):
    code = "pathology.no_own_corrections"
    status = 409
    message = (
        "No correction that a pathologist signs teaches this model: outlines of glands cannot be "
        "redrawn on a slide's page. Name a folder with --source."
    )


def own_fields(floor: Any, kind: str, out: Path) -> int:
    """Writes the hospital's own training set for ``kind`` into a folder; how many fields.

    Raises NothingToLearnFrom for a kind that no correction teaches.
    """
    if kind not in LEARNT:
        raise NothingToLearnFrom
    return write_own(kind, signed_slides(floor, ANALYSIS[kind]), out)


def signed_slides(floor: Any, analysis: str) -> Iterator[SignedSlide]:
    """Those that ``analysis`` measured; each is open while it is looked at. Patients whose keys
    were destroyed are not among them."""
    from countersign.rooms.pathology.inference.registry import REGISTRY
    from countersign.rooms.pathology.service.results import Results

    results = Results(floor)
    for slide, _, standing in floor.slides.correcting.signed():
        if results.run_of(slide).analysis != analysis:
            continue
        kept = floor.slides.keeping.one(WHOLE, slide)
        made = corrected([(one.kind, one.value) for one in standing])
        flips = {row: tumour for row, (_, tumour) in made.flips.items() if tumour is not None}
        opened = REGISTRY.opener(floor.slides.keeping.path(kept))
        try:
            yield SignedSlide(
                slide,
                kept.patient or slide,
                opened,
                results.nuclei_of(slide),
                flips,
                made.regions,
                types=made.types,
            )
        finally:
            opened.close()
