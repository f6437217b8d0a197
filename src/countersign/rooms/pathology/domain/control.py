"""Whether stain, focus and scanner drift: a control chart by day, with alarms of stated rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np

from countersign.rooms.pathology.domain.control_rules import (
    Rule,
    Severity,
    broken,
    centre_and_sigma,
    smoothed,
    smoothed_limits,
)

BASELINE_DAYS = 20
"""Judged days from which the limits are taken. Fewer give limits too uncertain to alarm by: with
20 the standard deviation is known to about a sixth. A choice of this program, not of a norm."""

SLIDES_OF_A_DAY = 5
"""Slides without which a day is shown but not judged."""


class Measure(StrEnum):
    """What is charted. Each is one number for a slide."""

    WHITE = "white"
    """Mean of the white point's three channels, 0 to 255: lamp, dirt on the slide, camera."""
    CAST = "cast"
    """Largest less smallest channel of the white point: the colour of the light."""
    ANGLE = "angle"
    """Degrees between the two stain vectors: reagents, differentiation, scanner's colours."""
    HAEMATOXYLIN = "haematoxylin"
    """Mean optical density of haematoxylin in nuclei."""
    SECOND = "second"
    """Mean optical density of DAB or eosin where it is present."""
    FOCUS = "focus"
    """How sharp the tissue is, as ``domain.artefact.sharpness`` gives it, its median."""
    ARTEFACTS = "artefacts"
    """Share of the tissue that is folded, inked or out of focus."""


@dataclass(frozen=True, slots=True)
class SlideQuality:
    """What the quality of one slide was. Holds no name: ``slide`` is its identifier.

    ``values`` lacks what could not be measured. ``blur``, ``fold``, ``pen`` are shares of the
    tissue in [0, 1]; ``tissue_mm2`` its area.
    """

    slide: str
    day: date
    scanner: str
    stain: str
    values: dict[Measure, float]
    blur: float = 0.0
    fold: float = 0.0
    pen: float = 0.0
    tissue_mm2: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartOfDay:
    """One point: the median of the day's slides, the tenth and ninetieth of them in a hundred,
    and the moving average with its limits (None before monitoring begins)."""

    day: date
    slides: int
    value: float
    low: float
    high: float
    judged: bool
    baseline: bool
    average: float | None = None
    average_low: float | None = None
    average_high: float | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that a day broke. ``distance`` is that of what broke it from the centre, in sigma."""

    day: date
    measure: Measure
    scanner: str
    stain: str
    rule: Rule
    severity: Severity
    value: float
    distance: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure of one scanner and stain by day. Without ``BASELINE_DAYS`` judged days there are
    no limits (``centre`` and ``sigma`` None) and no alarms; ``missing`` says how many lack."""

    measure: Measure
    scanner: str
    stain: str
    days: tuple[ChartOfDay, ...]
    centre: float | None
    sigma: float | None
    missing: int
    alarms: tuple[Alarm, ...] = field(default=())

    def limit(self, sigmas: float) -> float | None:
        """The line so many sigma above (below, if negative) the centre."""
        if self.centre is None or self.sigma is None:
            return None
        return self.centre + sigmas * self.sigma


def chart(
    slides: Sequence[SlideQuality],
    measure: Measure,
    scanner: str,
    stain: str,
    since: date | None = None,
) -> Chart:
    """The chart of one measure. ``since`` begins a new baseline, after a change of reagent,
    antibody, lamp or scanner that the department knows of; earlier days are left out."""
    days = _days(slides, measure, scanner, stain, since)
    judged = [number for number, one in enumerate(days) if one.judged]
    base, watched = judged[:BASELINE_DAYS], judged[BASELINE_DAYS:]
    if len(base) < BASELINE_DAYS:
        missing = BASELINE_DAYS - len(base)
        return Chart(measure, scanner, stain, tuple(days), None, None, missing)
    centre, sigma = centre_and_sigma([days[number].value for number in base])
    values = [days[number].value for number in watched]
    averages = smoothed(values, centre)
    for at, number in enumerate(watched):
        low, high = smoothed_limits(at + 1, centre, sigma)
        days[number] = replace(
            days[number], average=averages[at], average_low=low, average_high=high
        )
    for number in base:
        days[number] = replace(days[number], baseline=True)
    alarms = [
        Alarm(
            days[watched[at]].day, measure, scanner, stain, rule, rule.severity, values[at], apart
        )
        for at, rule, apart in broken(values, centre, sigma)
    ]
    return Chart(measure, scanner, stain, tuple(days), centre, sigma, 0, tuple(alarms))


def charts(slides: Sequence[SlideQuality], since: date | None = None) -> tuple[Chart, ...]:
    """Every measure of every scanner and stain of which there is a slide, in their order."""
    pairs = sorted({(one.scanner, one.stain) for one in slides})
    return tuple(
        chart(slides, measure, scanner, stain, since)
        for scanner, stain in pairs
        for measure in Measure
    )


def alarms_of(made: Sequence[Chart], day: date) -> tuple[Alarm, ...]:
    """Those of one day, alarms before warnings and the farthest from the centre first."""
    found = [one for each in made for one in each.alarms if one.day == day]
    return tuple(sorted(found, key=_weight))


def _weight(one: Alarm) -> tuple[bool, float]:
    return one.severity is not Severity.ALARM, -abs(one.distance)


def _days(
    slides: Sequence[SlideQuality],
    measure: Measure,
    scanner: str,
    stain: str,
    since: date | None,
) -> list[ChartOfDay]:
    by_day: dict[date, list[float]] = {}
    for one in slides:
        value = one.values.get(measure)
        if value is None or not np.isfinite(value):
            continue
        if one.scanner == scanner and one.stain == stain and (since is None or one.day >= since):
            by_day.setdefault(one.day, []).append(value)
    return [_day(day, by_day[day]) for day in sorted(by_day)]


def _day(day: date, values: list[float]) -> ChartOfDay:
    low, middle, high = (float(one) for one in np.percentile(values, (10, 50, 90)))
    return ChartOfDay(day, len(values), middle, low, high, len(values) >= SLIDES_OF_A_DAY, False)
