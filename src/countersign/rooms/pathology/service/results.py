"""What was measured on a slide, for programs and, under a receipt, for people; corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Facts, Principal, scope_of
from countersign.ground.imaging import Associated, Slide
from countersign.ground.ledger import Event, EventKind, Receipt
from countersign.ground.shell import Floor
from countersign.ground.slides import (
    FINDINGS,
    NUCLEI,
    PLAN,
    BadCorrection,
    Correction,
    CorrectionKind,
    Described,
    KeptSlide,
    Match,
    NothingMeasured,
    Run,
    State,
    effective,
)
from countersign.rooms.pathology.domain.measured import Findings, Nuclei, NucleusType, Plan
from countersign.rooms.pathology.inference.registry import REGISTRY, Registry
from countersign.rooms.pathology.store import findings_from, nuclei_from, plan_from, region_from

REGION_KINDS = frozenset({"tumour", "drawn", "excluded", "hotspot", "stroma", "necrosis"})
MOST_INDICES, MOST_POINTS = 100_000, 20_000
TYPES = tuple(int(one) for one in NucleusType)
SHOWN: Final[tuple[State, ...]] = ("ready", "draft", "signed")
"""States in which there is a result to see."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result that somebody sees, under a durable receipt; ``corrections`` that count."""

    slide: KeptSlide
    match: Match | None
    run: Run
    nuclei: Nuclei
    findings: Findings
    corrections: tuple[Correction, ...]
    receipt: Receipt


class Results:
    """Those of people raise Forbidden, UnknownSlide and LedgerUnavailable: without a receipt
    nothing that AI measured is shown."""

    def __init__(self, floor: Floor, registry: Registry = REGISTRY) -> None:
        self._floor = floor
        self._slides = floor.slides
        self._registry = registry

    def nuclei_of(self, slide: str) -> Nuclei:
        """For programs: the nuclei as measured, in the order of tiles. Raises NothingMeasured,
        Unreadable, Destroyed."""
        return nuclei_from(self._slides.running.get(self.run_of(slide), NUCLEI))

    def findings_of(self, slide: str) -> Findings:
        """For programs: what the whole slide says. Raises NothingMeasured, Unreadable."""
        return findings_from(self._slides.running.get(self.run_of(slide), FINDINGS))

    def plan_of(self, slide: str) -> Plan:
        """For programs: tissue, artefacts, white point, stain vectors. Raises NothingMeasured."""
        return plan_from(self._slides.running.get(self.run_of(slide), PLAN))

    def run_of(self, slide: str) -> Run:
        """The run whose result counts. Raises NothingMeasured."""
        return self._slides.running.measured(WHOLE, slide)

    def show(self, principal: Principal, slide: str, leaves: str = "") -> Shown:
        """The result with its nuclei, after the receipt, which says ``leaves`` where it is handed
        out as a file. Raises NothingMeasured, also of a slide that is measured again, or whose
        patient or stain was put right: what was measured before is no result any more."""
        one, scope, facts = self._seen(principal, slide)
        if one.state not in SHOWN:
            raise NothingMeasured
        run = self._slides.running.measured(scope, slide)
        receipt = self._floor.ledger.record(
            Event(
                EventKind.SLIDE_SHOWN,
                principal.actor,
                patient=facts.patient,
                subject=f"slide:{slide}",
                model=f"{run.analysis}@{run.version}",
                commits={"nuclei": run.nuclei_sha256 or "", "findings": run.findings_sha256 or ""},
                detail={"run": run.id, **({"leaves": leaves} if leaves else {})},
            )
        )
        return Shown(
            one,
            self._slides.keeping.match(scope, slide),
            run,
            nuclei_from(self._slides.running.get(run, NUCLEI, scope)),
            findings_from(self._slides.running.get(run, FINDINGS, scope)),
            tuple(effective(self._slides.correcting.all(scope, slide))),
            receipt,
        )

    def picture(self, principal: Principal, slide: str) -> Slide:
        """The slide itself, opened, for its tiles: no model has a part in it. Close it.

        Raises SlideGone, and what imaging raises. The one who shows it records that.
        """
        one, _, _ = self._seen(principal, slide)
        return self._registry.opener(self._slides.keeping.path(one))

    def looked_at(self, principal: Principal, slide: str) -> Receipt:
        """The receipt of somebody's looking at the pictures of a slide, once for each opening."""
        _, _, facts = self._seen(principal, slide)
        return self._floor.ledger.record(
            Event(
                EventKind.SLIDE_SHOWN,
                principal.actor,
                patient=facts.patient,
                subject=f"slide:{slide}",
                detail={"what": "picture"},
            )
        )

    def label(self, principal: Principal, slide: str) -> NDArray[np.uint8] | None:
        """The picture of the label, which may name the patient; None where there is none."""
        one = self._slides.keeping.one(scope_of(principal), slide)
        facts = self._facts(one)
        self._floor.policy.require(principal, Action.SLIDE_LABEL, facts)
        self._floor.ledger.record(
            Event(
                EventKind.SLIDE_SHOWN,
                principal.actor,
                patient=facts.patient,
                subject=f"slide:{slide}",
                detail={"what": "label"},
            )
        )
        opened = self._registry.opener(self._slides.keeping.path(one))
        try:
            return opened.associated(Associated.LABEL)
        finally:
            opened.close()

    def may_see_label(self, principal: Principal, one: KeptSlide) -> bool:
        """Whether the label's picture, or what is written on it, is for this person."""
        return self._floor.policy.decide(principal, Action.SLIDE_LABEL, self._facts(one)).allowed

    def correct(
        self, principal: Principal, slide: str, kind: CorrectionKind, value: Mapping[str, Any]
    ) -> Correction:
        """One more correction, until the slide is signed. Raises BadCorrection, WrongSlideState."""
        scope = self._corrects(principal, slide)
        run = self._slides.running.measured(scope, slide)
        checked = _CHECKS[kind](value, run.nuclei or 0)
        if kind == "region" and _beside(checked, self._slides.keeping.one(scope, slide).described):
            raise BadCorrection(reason="outside")
        return self._slides.correcting.add(principal, scope, slide, kind, checked)

    def checked(self, slide: str, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """A change as it would be kept. Raises BadCorrection."""
        check = {str(name): one for name, one in _CHECKS.items()}.get(kind)
        if check is None:
            raise BadCorrection(reason="kind")
        return check(value, self.run_of(slide).nuclei or 0)

    def undo(self, principal: Principal, slide: str) -> Correction:
        """Takes back the last correction that counts. Raises CannotUndo, WrongSlideState."""
        return self._slides.correcting.undo(principal, self._corrects(principal, slide), slide)

    def corrections(self, principal: Principal, slide: str) -> list[Correction]:
        """Those that count."""
        _, scope, _ = self._seen(principal, slide)
        return effective(self._slides.correcting.all(scope, slide))

    def _corrects(self, principal: Principal, slide: str) -> Scope:
        one = self._slides.keeping.one(scope_of(principal), slide)
        self._floor.policy.require(principal, Action.SLIDE_CORRECT, self._facts(one))
        return scope_of(principal)

    def _seen(self, principal: Principal, slide: str) -> tuple[KeptSlide, Scope, Facts]:
        """A slide that this person may see. One of nobody known is for those who handle them."""
        scope = scope_of(principal)
        one = self._slides.keeping.one(scope, slide)
        facts = self._facts(one)
        action = Action.SLIDES_HANDLE if one.patient is None else Action.SLIDE_READ
        self._floor.policy.require(principal, action, facts)
        return one, scope, facts

    def _facts(self, one: KeptSlide) -> Facts:
        if one.patient is None:
            return Facts.house("slides")
        return self._floor.chart.facts_of(one.patient)


def floats(value: Any) -> Any:
    """Decimals, as JSON is read, as floating-point numbers, all the way down."""
    if isinstance(value, dict):
        return {key: floats(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [floats(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return float(value) if isinstance(value, Decimal) else value


def _threshold(value: Mapping[str, Any], nuclei: int) -> dict[str, Any]:
    number = value.get("value")
    if not isinstance(number, int | float) or not 0 <= number <= 5:
        raise BadCorrection(reason="threshold")
    return {"value": float(number)}


def _region(value: Mapping[str, Any], nuclei: int) -> dict[str, Any]:
    try:
        region = region_from(dict(value))
    except (KeyError, TypeError, ValueError):
        raise BadCorrection(reason="outline") from None
    rings = (region.outline, *region.holes)
    points = sum(len(one.points) for one in rings)
    if region.kind not in REGION_KINDS or points > MOST_POINTS:
        raise BadCorrection(reason="kind")
    if any(len(one.points) < 3 or not _finite(one.points) for one in rings):
        raise BadCorrection(reason="outline")
    return {
        "kind": region.kind,
        "name": region.name[:100],
        "outline": region.outline.points.astype(float).tolist(),
        "holes": [one.points.astype(float).tolist() for one in region.holes],
    }


def _beside(region: Mapping[str, Any], size: Described | None) -> bool:
    """Whether a region lies wholly outside the slide."""
    if size is None:
        return False
    (left, top), (right, bottom) = (
        [end(one[axis] for one in region["outline"]) for axis in (0, 1)] for end in (min, max)
    )
    return right <= 0 or bottom <= 0 or left >= size.width or top >= size.height


def _nuclei(value: Mapping[str, Any], nuclei: int) -> dict[str, Any]:
    indices = value.get("indices")
    said = {name: value[name] for name in ("tumour", "positive", "type") if name in value}
    if not isinstance(indices, list) or not said or len(indices) > MOST_INDICES:  # pyright: ignore[reportUnknownArgumentType]
        raise BadCorrection(reason="nuclei")
    chosen = cast("list[Any]", indices)
    if not all(type(one) is int and 0 <= one < nuclei for one in chosen):
        raise BadCorrection(reason="nuclei")
    if not all(type(one) is bool for name, one in said.items() if name != "type"):
        raise BadCorrection(reason="nuclei")
    if "type" in said and said["type"] not in TYPES:
        raise BadCorrection(reason="nuclei")
    return {"indices": indices, **said}


def _undo(value: Mapping[str, Any], nuclei: int) -> dict[str, Any]:
    raise BadCorrection(reason="undo")


def _finite(points: Any) -> bool:
    return bool((abs(points) < 1e7).all())


_CHECKS: Mapping[CorrectionKind, Callable[[Mapping[str, Any], int], dict[str, Any]]] = {
    "threshold": _threshold,
    "region": _region,
    "nuclei": _nuclei,
    "undo": _undo,
}
