"""Keeps the quality of each measured slide, so that charts read rows instead of sealed files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import Any, Final

import numpy as np

from countersign.ground.shell import Floor
from countersign.ground.slides import CHARTED, Figures, NothingMeasured
from countersign.ground.vault import Destroyed, Unreadable
from countersign.rooms.pathology.domain.control import Measure, SlideQuality
from countersign.rooms.pathology.domain.measured import Findings, Plan

from .control_alarming import alarm
from .results import Results

BATCH: Final = 50
"""Slides after which it is written down how far older ones are taken in."""

GROUPS: Final = 200
"""Lines of days that are summed in one transaction."""

SPELL: Final = timedelta(seconds=20)
"""How long older slides are taken in at a time, before other work has its turn."""


class Taking:
    """Takes in slides that were measured before their quality was kept, and sums up days."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._charting = floor.slides.charting
        self._results = Results(floor)
        self._alarmed = False

    def take(self, stopping: Callable[[], bool]) -> int:
        """What came late, then older slides, the newest first, for a spell; then the days of all
        that changed, and what the charts of these days alarm of. Returns how many slides were taken
        in. Stopped, it goes on another time."""
        until = self._floor.clock() + SPELL

        def may() -> bool:
            return self._floor.clock() < until and not stopping()

        done = len(self._kept(takewhile(lambda _: may(), self._charting.late())))
        while may():
            found = self._charting.earlier(BATCH)
            kept = self._kept(slide for slide, _ in found)
            if found and not kept:
                break  # a whole batch: the volume of results is away, and they are not lost
            done += len(kept)
            ended = len(found) < BATCH
            self._charting.taken(0 if ended else found[-1][1], len(found))
            if ended:
                break
        self._settle(stopping)
        return done

    def _settle(self, stopping: Callable[[], bool]) -> None:
        settled = GROUPS
        while settled == GROUPS and not stopping():
            settled = self._charting.settle(GROUPS)
            self._alarmed = self._alarmed and not settled
        if not self._alarmed and not stopping():
            alarm(self._floor.slides)
            self._alarmed = True

    def _kept(self, slides: Iterable[str]) -> list[str]:
        """Those whose result could be read, or never can again."""
        kept: list[str] = []
        for slide in slides:
            try:
                figures = self._figures(slide)
            except Destroyed:
                figures = None
            except (NothingMeasured, Unreadable, ValueError, KeyError, TypeError):
                continue  # one result that is broken must not keep all older ones from the charts
            self._charting.keep(slide, figures)
            kept.append(slide)
        return kept

    def _figures(self, slide: str) -> Figures:
        plan, findings = self._results.plan_of(slide), self._results.findings_of(slide)
        return figures_of(quality_of(slide, plan, findings))


def figures_of(quality: SlideQuality) -> Figures:
    """As the floor keeps them; what is no number is left out."""
    shares = {"blur": quality.blur, "fold": quality.fold, "pen": quality.pen}
    values = {one.value: value for one, value in quality.values.items() if np.isfinite(value)}
    return {**values, **shares, "tissue_mm2": quality.tissue_mm2}


def quality_from(slide: str, figures: Figures) -> SlideQuality:
    """What ``figures_of`` gave."""
    values = {Measure(name): figures[name] for name in CHARTED if name in figures}
    shares = (figures["blur"], figures["fold"], figures["pen"])
    return SlideQuality(slide, values, *shares, tissue_mm2=figures["tissue_mm2"])


def quality_of(slide: str, plan: Plan, findings: Findings) -> SlideQuality:
    """What a plan says of the slide's light, stains and focus; what the whole slide says, once it
    is measured, stands above it. What neither says is left out."""
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
    return _with_findings(SlideQuality(slide, values, blur=blur, tissue_mm2=mm2), findings)


def _with_findings(quality: SlideQuality, findings: Findings) -> SlideQuality:
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
