"""Stain, focus and scanner by day: each measured slide's quality, charted with its alarms."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any, Final

import numpy as np

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.ledger import Event, EventKind
from countersign.ground.shell import Floor
from countersign.ground.slides import KeptSlide, NothingMeasured
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.pathology.domain.control import (
    Measure,
    SlideQuality,
)
from countersign.rooms.pathology.domain.control_rescan import Reason, Remedy, Rescan, rescans
from countersign.rooms.pathology.domain.control_rules import Rule
from countersign.rooms.pathology.domain.measured import Findings, Plan

from .control_drawing import Control, Wanted, control_of
from .results import Results

MOST: Final = 1000
"""Slides that are charted, the newest."""

FRESH: Final = 25
"""Slides whose quality is read for the first time while somebody waits for the worklist."""

MEASURED: Final = ("ready", "draft")
"""States in which another scan is still worth asking for."""

NAMES: Final = {
    Measure.WHITE: Words("White point, mean of the channels", "白点（三通道均值）"),
    Measure.CAST: Words("White point, spread of the channels", "白点（通道差）"),
    Measure.ANGLE: Words("Angle between the stains, degrees", "两种染色向量夹角（度）"),
    Measure.HAEMATOXYLIN: Words("Haematoxylin, optical density", "苏木精光密度"),
    Measure.SECOND: Words("Second stain, optical density", "第二染色光密度"),
    Measure.FOCUS: Words("Sharpness", "清晰度"),
    Measure.ARTEFACTS: Words("Share out of focus, folded or inked", "失焦、褶皱或笔迹比例"),
}
RULES: Final = {
    Rule.BEYOND: Words("beyond three sigma", "超出 3σ"),
    Rule.TWO_OF_THREE: Words("two of three days beyond two sigma", "3 天中 2 天超出 2σ"),
    Rule.FOUR_OF_FIVE: Words("four of five days beyond one sigma", "5 天中 4 天超出 1σ"),
    Rule.EIGHT: Words("eight days on one side", "连续 8 天位于同侧"),
    Rule.DRIFT: Words("the moving average drifts", "移动平均漂移"),
}
REASONS: Final = {
    Reason.NO_TISSUE: Words("hardly any tissue", "几乎无组织"),
    Reason.BLUR: Words("out of focus", "失焦"),
    Reason.LIGHT: Words("white point far off", "白点异常"),
    Reason.PEN: Words("pen on the tissue", "组织上有笔迹"),
    Reason.PALE: Words("haematoxylin too pale", "苏木精过浅"),
    Reason.DARK: Words("haematoxylin too dark", "苏木精过深"),
    Reason.FOLD: Words("folds", "褶皱"),
}
REMEDIES: Final = {
    Remedy.RESCAN: Words("Scan again", "重新扫描"),
    Remedy.CLEAN: Words("Clean and scan again", "清洁后重新扫描"),
    Remedy.RESTAIN: Words("Stain again", "重新染色"),
    Remedy.RECUT: Words("Cut again", "重新切片"),
}


class Controlling:
    """Raises Forbidden, LedgerUnavailable. No name and no patient is part of a chart."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._results = Results(floor)
        self._known: OrderedDict[str, SlideQuality] = OrderedDict()
        self._lock = Lock()

    def charted(self, principal: Principal, wanted: Wanted) -> Control:
        """What is wanted of the charts of every scanner and stain, under one receipt."""
        self._floor.policy.require(principal, Action.SLIDES_HANDLE, Facts.house("slides"))
        found = self._floor.slides.keeping.some(
            WHOLE, states=["ready", "draft", "signed", "rescan"], limit=MOST
        )
        quality = [one for slide in found if (one := self._quality(slide)) is not None]
        self._floor.ledger.record(
            Event(
                EventKind.SLIDES_LISTED,
                principal.actor,
                detail={"slides": len(quality), "what": "control"},
            )
        )
        return control_of(quality, wanted, MOST if len(found) == MOST else None)

    def unfit(self, slides: Sequence[KeptSlide]) -> dict[str, tuple[Rescan, ...]]:
        """Measured slides that must be made again and why, the worst reason first. Those looked
        at for the first time are few at once; the others follow with the next look."""
        found: dict[str, tuple[Rescan, ...]] = {}
        fresh = 0
        for one in slides:
            if one.state not in MEASURED:
                continue
            fresh += one.id not in self._known
            if fresh > FRESH and one.id not in self._known:
                continue
            quality = self._quality(one)
            if quality is not None and (why := rescans(quality)):
                found[one.id] = why
        return found

    def _quality(self, one: KeptSlide) -> SlideQuality | None:
        with self._lock:
            if (held := self._known.get(one.id)) is not None:
                return held
        try:
            plan = self._results.plan_of(one.id)
            findings = self._results.findings_of(one.id)
        except (NothingMeasured, CountersignError):
            return None  # measured anew just now, or forgotten with its patient
        day = one.at.astimezone(self._floor.site.zone).date()
        scanner = one.described.scanner if one.described else ""
        made = quality_of(one.id, day, scanner, one.stain or "", plan)
        made = with_findings(made, findings)
        with self._lock:
            self._known[one.id] = made
            while len(self._known) > 4 * MOST:
                self._known.popitem(last=False)
        return made


def quality_of(slide: str, day: date, scanner: str, stain: str, plan: Plan) -> SlideQuality:
    """What a plan says of the slide's light, stains and focus; what it does not say is left out."""
    kept = plan.kept
    values: dict[Measure, float] = {}
    white = _numbers(kept.get("white"))
    if len(white) == 3:
        values[Measure.WHITE] = float(np.mean(white))
        values[Measure.CAST] = float(max(white) - min(white))
    first, second = _numbers(kept.get("first")), _numbers(kept.get("second"))
    if len(first) == len(second) == 3:
        values[Measure.ANGLE] = _angle(first, second)
    blurred = kept.get("blurred")
    blur = float(blurred) if isinstance(blurred, int | float) else 0.0
    if blurred is not None:
        values[Measure.ARTEFACTS] = blur
    vectors = kept.get("vectors")
    if not first and isinstance(vectors, list) and len(vectors) == 2:  # pyright: ignore[reportUnknownArgumentType]
        values[Measure.ANGLE] = _angle(_numbers(vectors[0]), _numbers(vectors[1]))
    for name, measure in (("sharpness", Measure.FOCUS), ("haematoxylin", Measure.HAEMATOXYLIN)):
        if isinstance(kept.get(name), int | float):
            values[measure] = float(kept[name])
    tissue = kept.get("tissue_mm2")
    # An analysis that does not say how much tissue there was is not taken to have found none.
    mm2 = float(tissue) if isinstance(tissue, int | float) else float("inf")
    return SlideQuality(slide, day, scanner or "–", stain, values, blur=blur, tissue_mm2=mm2)


def with_findings(quality: SlideQuality, findings: Findings) -> SlideQuality:
    """What the whole slide says of its quality, once it is measured, stands above its plan."""
    said = findings.figures.get("quality")
    if not isinstance(said, dict):
        return quality
    given: dict[str, Any] = said  # pyright: ignore[reportUnknownVariableType]
    known = {one.value for one in Measure}
    values: dict[str, Any] = given.get("values", {})
    measured = {Measure(name): float(one) for name, one in values.items() if name in known}
    shares = {name: float(given[name]) for name in ("blur", "fold", "pen") if name in given}
    return replace(quality, values={**quality.values, **measured}, **shares)


def _angle(first: list[float], second: list[float]) -> float:
    """Degrees between two stain vectors."""
    long = float(np.linalg.norm(first) * np.linalg.norm(second))
    cosine = float(np.dot(first, second)) / long if long else 1.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _numbers(given: Any) -> list[float]:
    if not isinstance(given, list | tuple):
        return []
    return [float(one) for one in given]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
