"""The slides whose corrections a signature closed, with what was corrected: read for training."""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from countersign.ground.db import WHOLE
from countersign.ground.imaging import SlideError
from countersign.ground.slides import SlideGone
from countersign.ground.vault import Destroyed
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.ki67 import corrected
from countersign.rooms.pathology.training.own import LEARNT, SignedSlide, write_own

ANALYSIS: Final = {"tumour": "ki67", "nuclei": "he"}
"""Of which analysis the corrections teach each model."""

LEFT_OUT: Final = {
    "refused": "their patients refuse AI or research",
    "destroyed": "the data of their patients were destroyed",
    "unknown": "their patients are not in the chart",
    "unscaled": "they do not say how large their pixels are",
    "gone": "their files are not where they were, or cannot be read",
}
"""Why nothing is learnt from a slide that was corrected and signed."""


class NothingToLearnFrom(CountersignError):
    code = "pathology.no_own_corrections"
    status = 409
    message = (
        "No correction that a pathologist signs teaches this model: outlines of glands cannot be "
        "redrawn on a slide's page. Name a folder with --source."
    )


def own_fields(floor: Any, kind: str, out: Path, left_out: Counter[str] | None = None) -> int:
    """Writes the hospital's own training set for ``kind`` into a folder; how many fields.

    ``left_out`` counts the signed slides that nothing is learnt from, by a key of ``LEFT_OUT``.
    Raises NothingToLearnFrom for a kind that no correction teaches.
    """
    if kind not in LEARNT:
        raise NothingToLearnFrom
    left = Counter[str]() if left_out is None else left_out
    return write_own(kind, signed_slides(floor, ANALYSIS[kind], left), out, left)


def signed_slides(floor: Any, analysis: str, left_out: Counter[str]) -> Iterator[SignedSlide]:
    """Those that ``analysis`` measured; each is open while it is looked at. Patients whose keys
    were destroyed or who refuse are not among them, nor slides whose files are gone: they are
    counted in ``left_out``."""
    from countersign.rooms.pathology.inference import registry
    from countersign.rooms.pathology.service.results import Results

    results, destroyed = Results(floor), list[str]()
    for slide, _, standing in floor.slides.correcting.signed(destroyed):
        if results.run_of(slide).analysis != analysis:
            continue
        kept = floor.slides.keeping.one(WHOLE, slide)
        if why := _barred(floor, kept.patient):
            left_out[why] += 1
            continue
        try:
            nuclei = results.nuclei_of(slide)
            opened = registry.REGISTRY.opener(floor.slides.keeping.path(kept))
        except (Destroyed, SlideGone, SlideError) as problem:
            left_out["destroyed" if isinstance(problem, Destroyed) else "gone"] += 1
            continue
        made = corrected([(one.kind, one.value) for one in standing])
        flips = {row: tumour for row, (_, tumour) in made.flips.items() if tumour is not None}
        try:
            yield SignedSlide(
                slide, kept.patient, opened, nuclei, flips, made.regions, types=made.types
            )
        finally:
            opened.close()
    left_out["destroyed"] += sum(results.run_of(one).analysis == analysis for one in destroyed)


def _barred(floor: Any, patient: str | None) -> str:
    """Why nothing of this patient may be learnt, a key of ``LEFT_OUT``; empty where it may."""
    facts = floor.chart.named_all([patient]).get(patient) if patient else None
    if facts is None:
        return "unknown"
    return "refused" if {"ai", "research"} & facts.refused else ""
