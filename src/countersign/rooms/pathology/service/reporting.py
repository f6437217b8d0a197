"""What a slide says once corrections count: for the viewer, the draft and the report."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal, scope_of
from countersign.ground.shell import Floor
from countersign.ground.slides import CannotUndo, Correction, KeptSlide, Match, Run, effective
from countersign.kit.words import Words
from countersign.rooms.pathology.domain import geojson, report_words
from countersign.rooms.pathology.domain.hotspot import Spot, spots
from countersign.rooms.pathology.domain.ki67 import (
    FEWEST,
    Corrected,
    Count,
    Counted,
    Rules,
    corrected,
    counted,
    limits_of,
    retyped,
)
from countersign.rooms.pathology.domain.measured import Findings, Nuclei, Region
from countersign.rooms.pathology.domain.opinions import Opinions, opinions
from countersign.rooms.pathology.domain.til_findings import infiltration
from countersign.rooms.pathology.domain.tissue_kept import cells_from
from countersign.rooms.pathology.inference.registry import REGISTRY, Registry

from .results import Results, floats

HELD: Final = 3
"""Results whose nuclei a process keeps at hand: people look at one slide for minutes."""


UNKNOWN: Final = (0.5, 0.5)
"""Micrometres of a pixel where the slide does not say: those of a 20-fold objective."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number; ``code`` names it among ``KNOWN``; shares are in per cent. ``region`` is
    the one of ``Sight.regions`` that it speaks of, None for the whole slide."""

    code: str
    title: Words
    value: float | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """A result as it stands under the corrections that count. ``areas`` are tissue and artefacts,
    as they were seen before anything was measured; ``spots`` the hotspots, the highest first:
    those that a person drew, else those found among the nuclei as they count now."""

    slide: KeptSlide
    match: Match | None
    run: Run
    findings: Findings
    nuclei: Nuclei
    areas: tuple[Region, ...]
    corrections: tuple[Correction, ...]
    made: Corrected
    rules: Rules
    counted: Counted | None
    spots: tuple[Spot, ...] = ()

    @property
    def count(self) -> Count | None:
        """Tumour nuclei of the whole; None for stains that are not counted so."""
        return self.counted.whole if self.counted else None

    @property
    def regions(self) -> tuple[Region, ...]:
        """The program's, without its tumour where a pathologist drew one and with hotspots as they
        are now; then the drawn ones."""
        gone = {one.kind for one in self.made.regions} & {"tumour"}
        if self.counted is not None:
            gone.add("hotspot")
        own = tuple(one for one in self.findings.regions if one.kind not in gone)
        hot = tuple(one.region for one in self.spots if one.diameter is not None)
        return (*own, *hot, *self.made.regions)

    @property
    def limits(self) -> tuple[Words, ...]:
        """Everything that limits this answer, in words; there is always one."""
        codes = {one.get("code") for one in self.findings.limits}
        gone = _RECOUNTED | (_FOLLOWING if "no-tumour-region" in codes else frozenset[str]())
        said = [one for one in self.findings.limits if one.get("code") not in gone]
        found = [report_words.limit(one) for one in said]
        if self.counted is not None:
            drawn = any(one.kind == "tumour" for one in self.made.regions)
            again = limits_of(self.counted, drawn=drawn)
            found = [*(report_words.limit(one) for one in again), *found]
        if self.count is not None and not self.spots:
            found.append(report_words.limit({"code": "no-hotspot"}))
        if self.spots and self.spots[0].total < FEWEST:
            few = {"code": "few-in-hotspot", "cells": self.spots[0].total}
            found.insert(0, report_words.limit(few))
        return (*(one.limit for one in self.disagreements), *found) or (_NO_LIMIT,)

    @property
    def opinions(self) -> tuple[Opinions, ...]:
        """What a second method says of the same figures."""
        return opinions(self.run.analysis, self.findings)

    @property
    def disagreements(self) -> tuple[Opinions, ...]:
        """Where it says otherwise: each raises the risk class."""
        return tuple(one for one in self.opinions if one.apart)


_RECOUNTED = frozenset({"few-tumour-cells", "non-tumour-nuclei", "no-hotspot", "methods-disagree"})
_FOLLOWING = frozenset({"little-stroma", "few-inflammatory-cells"})
"""Said of a tumour region; where there is none, that is said alone."""

_NO_LIMIT = Words(
    "No limit was found by the program. It knows nothing of the specimen's fixation or the "
    "antibody's validation.",
    "程序未发现局限，但不了解标本固定及抗体验证情况。",
)


class Reporting:
    """Rights, receipts and refusals are those of ``Results``; ``registry`` says how a slide is
    opened."""

    def __init__(self, floor: Floor, registry: Registry = REGISTRY) -> None:
        self._floor = floor
        self._results = Results(floor, registry)
        self._held: OrderedDict[str, tuple[Nuclei, Findings]] = OrderedDict()
        self._lock = Lock()

    @property
    def results(self) -> Results:
        """The room's results."""
        return self._results

    def see(self, principal: Principal, slide: str, leaves: str = "") -> Sight:
        """The result, after the receipt; ``leaves`` names the file as which it is handed out.
        Raises NotMeasured, Forbidden, LedgerUnavailable."""
        shown = self._results.show(principal, slide, leaves)
        held = (shown.nuclei, shown.findings)
        return self._made(shown.slide, shown.match, shown.run, held, shown.corrections)

    def recount(self, principal: Principal, slide: str) -> Sight:
        """The same for somebody who sees it already, without another receipt."""
        corrections = tuple(self._results.corrections(principal, slide))
        return self._sight(slide, corrections)

    def internal(self, slide: str) -> Sight:
        """For programs."""
        corrections = effective(self._floor.slides.correcting.all(WHOLE, slide))
        return self._sight(slide, tuple(corrections))

    def allowed(self, principal: Principal, slide: str) -> KeptSlide:
        """A slide that this person may see, without a receipt: of a page that has one already.

        Raises Forbidden, UnknownSlide.
        """
        one = self._floor.slides.keeping.one(scope_of(principal), slide)
        facts, action = Facts.house("slides"), Action.SLIDES_HANDLE
        if one.patient is not None:
            facts, action = self._floor.chart.facts_of(one.patient), Action.SLIDE_READ
        self._floor.policy.require(principal, action, facts)
        return one

    def require_correct(self, principal: Principal, slide: str) -> None:
        """Raises Forbidden, UnknownSlide."""
        one = self._floor.slides.keeping.one(scope_of(principal), slide)
        facts = Facts.house("slides")
        if one.patient is not None:
            facts = self._floor.chart.facts_of(one.patient)
        self._floor.policy.require(principal, Action.SLIDE_CORRECT, facts)

    def again(
        self, principal: Principal, slide: str, kind: str, value: Mapping[str, Any], undoes: object
    ) -> Correction | None:
        """This person's newest correction, if it says the same: an answer that never arrived makes
        a page send a change a second time. Raises Forbidden, BadCorrection."""
        self.require_correct(principal, slide)
        made = self._floor.slides.correcting.all(scope_of(principal), slide)
        last = next((one for one in reversed(made) if one.actor == principal.actor), None)
        if last is None or last.kind != kind:
            return None
        if kind == "undo":
            return last if last.undoes == undoes else None
        return last if floats(last.value) == self._results.checked(slide, kind, value) else None

    def undo(self, principal: Principal, slide: str, number: int) -> Correction:
        """Takes back one correction that counts, whichever. Raises CannotUndo, Forbidden."""
        self.require_correct(principal, slide)
        scope, correcting = scope_of(principal), self._floor.slides.correcting
        if number not in {one.number for one in effective(correcting.all(scope, slide))}:
            raise CannotUndo
        return correcting.add(principal, scope, slide, "undo", {}, number)

    def may_correct(self, principal: Principal, one: KeptSlide) -> bool:
        """Whether this person may change what was measured on this slide now."""
        return one.state == "ready" and self.may_ever(principal, one)

    def may_ever(self, principal: Principal, one: KeptSlide) -> bool:
        """Whether they may while nothing was handed over."""
        if one.patient is None:
            return False
        facts = self._floor.chart.facts_of(one.patient)
        return self._floor.policy.decide(principal, Action.SLIDE_CORRECT, facts).allowed

    def _sight(self, slide: str, corrections: tuple[Correction, ...]) -> Sight:
        run = self._results.run_of(slide)
        with self._lock:
            held = self._held.get(run.id)
        if held is None:
            held = (self._results.nuclei_of(slide), self._results.findings_of(slide))
            with self._lock:
                self._held[run.id] = held
                while len(self._held) > HELD:
                    self._held.popitem(last=False)
        keeping = self._floor.slides.keeping
        one, match = keeping.one(WHOLE, slide), keeping.match(WHOLE, slide)
        return self._made(one, match, run, held, corrections)

    def _made(
        self,
        one: KeptSlide,
        match: Match | None,
        run: Run,
        held: tuple[Nuclei, Findings],
        corrections: tuple[Correction, ...],
    ) -> Sight:
        plan = self._results.plan_of(one.id)
        return sight(one, match, run, held, corrections, (*plan.tissue, *plan.artefacts))


def sight(
    slide: KeptSlide,
    match: Match | None,
    run: Run,
    held: tuple[Nuclei, Findings],
    corrections: tuple[Correction, ...],
    areas: tuple[Region, ...] = (),
) -> Sight:
    """The corrections applied, the nuclei counted."""
    nuclei, findings = held
    made = corrected([(one.kind, one.value) for one in corrections])
    made = replace(made, regions=_signed_by(made.regions, corrections))
    nuclei = retyped(nuclei, made.types)
    if (made.regions or made.types) and "cells" in findings.figures:
        findings = infiltrated(findings, nuclei, made.regions)
    rules = rules_of(findings)
    mpp = (slide.described.mpp if slide.described else None) or UNKNOWN
    count = counted(nuclei, rules, made, mpp[0]) if run.analysis == "ki67" else None
    hot = _hottest(nuclei, count, made, mpp[0]) if count else ()
    return Sight(slide, match, run, findings, nuclei, areas, corrections, made, rules, count, hot)


def _hottest(nuclei: Nuclei, count: Counted, made: Corrected, mpp: float) -> tuple[Spot, ...]:
    """A hotspot that a pathologist drew stands above the program's."""
    by_hand = [
        Spot(region, None, part)
        for region, part in zip(made.regions, count.regions, strict=True)
        if region.kind == "hotspot"
    ]
    by_hand.sort(key=lambda one: (-one.share, -one.total))
    return tuple(by_hand) or spots(nuclei, count.kinds, mpp)


def _signed_by(
    regions: tuple[Region, ...], corrections: tuple[Correction, ...]
) -> tuple[Region, ...]:
    actors = [one.actor for one in corrections if one.kind == "region"]
    return tuple(
        replace(region, drawn_by=actor) for region, actor in zip(regions, actors, strict=True)
    )


_OF_INFILTRATION: Final = frozenset(
    {
        *("til-not-validated", "no-tumour-region", "region-by-program", "little-stroma"),
        *("few-inflammatory-cells", "untyped-nuclei", "methods-disagree"),
        *("second-til-in-part", "no-second-til"),
    }
)
_ARTEFACTS: Final = ("fold", "pen", "blur")


def infiltrated(findings: Findings, nuclei: Nuclei, drawn: tuple[Region, ...]) -> Findings:
    """Infiltration counted again, in the regions that a pathologist drew."""
    left_out = tuple(one for one in findings.regions if one.kind in _ARTEFACTS)
    glands = tuple(one for one in findings.regions if one.kind == "gland")
    cells = cells_from(findings.figures["cells"])
    again = infiltration(nuclei, cells, drawn, left_out).findings
    own = tuple(one for one in again.regions if one.drawn_by is None)
    others = tuple(one for one in findings.limits if one.get("code") not in _OF_INFILTRATION)
    return Findings(
        figures={**findings.figures, **again.figures},
        regions=(*own, *left_out, *glands),
        limits=(*others, *again.limits),
        second={**findings.second, **again.second},
    )


def rules_of(findings: Findings) -> Rules:
    """From which densities nuclei are positive on this slide, as its analysis says."""
    said = findings.figures
    grades = said.get("grades")
    if not isinstance(grades, list | tuple) or len(grades) != 3:  # pyright: ignore[reportUnknownArgumentType]
        return Rules()
    first, second, third = (float(one) for one in grades)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return Rules((first, second, third), float(said.get("cutoff", Rules().tumour_from)))


def figures(seen: Sight) -> tuple[Figure, ...]:
    """What is reported, the most important first."""
    count = seen.count
    if count is None:
        return tuple(_infiltration(seen.findings.figures))
    low, high = count.interval
    share = None if count.share is None else 100 * count.share
    found = [
        Figure("ki67", Words("Ki-67 index", "Ki-67 指数"), share, "%", 100 * low, 100 * high),
        *_hotspot(seen.spots),
        Figure("hscore", Words("H-score of Ki-67", "Ki-67 H-score"), count.hscore),
        Figure("positive", Words("Positive tumour nuclei", "阳性肿瘤细胞核数"), count.positive),
        Figure("total", Words("Tumour nuclei counted", "计入的肿瘤细胞核数"), count.total),
    ]
    assert seen.counted is not None  # noqa: S101 - the count above came from it
    for region, part in zip(seen.made.regions, seen.counted.regions, strict=True):
        if region.kind == "drawn" and part.share is not None:
            name = region.name or "–"
            title = Words(f"Ki-67 index in “{name}”", f"区域“{name}”的 Ki-67 指数")
            ends = (100 * part.interval[0], 100 * part.interval[1])
            found.append(Figure("ki67-region", title, 100 * part.share, "%", *ends, region))
    return tuple(found)


def _hotspot(found: tuple[Spot, ...]) -> Iterator[Figure]:
    if not found or not found[0].total:  # drawn by hand where no tumour nucleus counts
        return
    low, high = found[0].interval
    region = found[0].region
    title = Words("Ki-67 index in the hotspot", "热点区 Ki-67 指数")
    yield Figure("hotspot", title, 100 * found[0].share, "%", 100 * low, 100 * high, region)
    title = Words("Tumour nuclei counted in the hotspot", "热点区计入的肿瘤细胞核数")
    yield Figure("hotspot-total", title, found[0].total, region=region)


def _infiltration(said: dict[str, Any]) -> Iterator[Figure]:
    for name, (english, chinese, unit) in report_words.FIGURES.items():
        value = _number(said.get(name))
        if value is None or name in ("til_low", "til_high"):
            continue
        low, high = (None, None)
        if name == "til_percent":
            low, high = _number(said.get("til_low")), _number(said.get("til_high"))
        yield Figure(name, Words(english, chinese), value, unit, low, high)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def as_geojson(seen: Sight, *, nuclei: bool) -> Iterator[bytes]:
    """For QuPath: regions, and every nucleus where asked for."""
    mpp = (seen.slide.described.mpp if seen.slide.described else None) or UNKNOWN
    kinds = seen.counted.kinds if seen.counted else None
    return geojson.written(seen.regions, seen.nuclei if nuclei else None, kinds, mpp)
