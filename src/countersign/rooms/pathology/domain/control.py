"""Whether stain, focus and scanner drift: a control chart by day, with alarms of stated rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Protocol

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
    values: dict[Measure, float]
    blur: float = 0.0
    fold: float = 0.0
    pen: float = 0.0
    tissue_mm2: float = 0.0


class Spread(Protocol):
    """Of so many slides the median, and the tenth and ninetieth of them in a hundred."""

    @property
    def slides(self) -> int: ...
    @property
    def low(self) -> float: ...
    @property
    def middle(self) -> float: ...
    @property
    def high(self) -> float: ...


class QualityOfDay(Protocol):
    """All slides of one scanner and stain on a day, as they are kept; ``spreads``, by the values of
    ``Measure``, lacks what none of them has."""

    @property
    def day(self) -> date: ...
    @property
    def scanner(self) -> str: ...
    @property
    def stain(self) -> str: ...
    @property
    def slides(self) -> int: ...
    @property
    def spreads(self) -> Mapping[str, Spread]: ...


class Change(Protocol):
    """What the department knows to have happened to a scanner, a stain or both on a day; an empty
    name is any. ``anew`` where the limits begin anew with that day; else it was looked into."""

    @property
    def day(self) -> date: ...
    @property
    def scanner(self) -> str: ...
    @property
    def stain(self) -> str: ...
    @property
    def anew(self) -> bool: ...


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
class Phase:
    """Days under the same limits: from a change (``begin``; None from the first day of all) to the
    next. Without ``BASELINE_DAYS`` judged days there are no limits (``centre`` and ``sigma`` None)
    and no alarms; ``missing`` says how many lack. ``days`` are those that are shown."""

    begin: date | None
    days: tuple[ChartOfDay, ...]
    centre: float | None = None
    sigma: float | None = None
    missing: int = 0

    def limit(self, sigmas: float) -> float | None:
        """The line so many sigma above (below, if negative) the centre."""
        if self.centre is None or self.sigma is None:
            return None
        return self.centre + sigmas * self.sigma


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure of one scanner and stain by day, in ``phases`` of which some day is shown."""

    measure: Measure
    scanner: str
    stain: str
    phases: tuple[Phase, ...]
    alarms: tuple[Alarm, ...] = field(default=())

    @property
    def days(self) -> tuple[ChartOfDay, ...]:
        """Of all phases, in their order."""
        return tuple(day for one in self.phases for day in one.days)

    @property
    def last(self) -> Phase:
        """The one whose limits hold now; of a chart with at least one day."""
        return self.phases[-1]


def charts(
    days: Sequence[QualityOfDay],
    since: date | None = None,
    within: tuple[date, date] = (date.min, date.max),
    changes: Sequence[Change] = (),
) -> tuple[Chart, ...]:
    """Every measure of every scanner and stain of which there is a slide, in their order.

    With the day of each of the ``changes`` that touch a chart its limits begin anew. ``since``
    does that for all charts to see what it would be like; earlier days are left out. All other
    days judge; those ``within`` are shown.
    """
    kept = [one for one in days if since is None or one.day >= since]
    kept.sort(key=lambda one: (one.scanner, one.stain, one.day))
    return tuple(
        _chart(found, measure, scanner, stain, within, begins)
        for (scanner, stain), each in groupby(kept, lambda one: (one.scanner, one.stain))
        for found in (list(each),)
        for begins in (_begins(scanner, stain, changes),)
        for measure in Measure
    )


def touches(one: Change, scanner: str, stain: str) -> bool:
    """Whether a change is one of this scanner and stain."""
    return one.scanner in ("", scanner) and one.stain in ("", stain)


def looked_into(scanner: str, stain: str, day: date, changes: Sequence[Change]) -> bool:
    """Whether somebody wrote down, on that day or later, what an alarm of this day comes from."""
    return any(one.day >= day and touches(one, scanner, stain) for one in changes)


def _begins(scanner: str, stain: str, changes: Sequence[Change]) -> list[date]:
    return sorted({one.day for one in changes if one.anew and touches(one, scanner, stain)})


def _chart(
    days: Sequence[QualityOfDay],
    measure: Measure,
    scanner: str,
    stain: str,
    within: tuple[date, date],
    begins: Sequence[date],
) -> Chart:
    """The chart of one measure, of the days of one scanner and stain in their order."""
    known = [(one.day, one.spreads[measure]) for one in days if measure in one.spreads]
    phases, alarms = list[Phase](), list[Alarm]()
    for number, each in groupby(known, lambda one: bisect_right(begins, one[0])):
        phase, found = _phase(begins[number - 1] if number else None, list(each), within)
        if phase.days:
            phases.append(phase)
        alarms += [
            Alarm(day, measure, scanner, stain, rule, rule.severity, value, apart)
            for day, rule, value, apart in found
        ]
    return Chart(measure, scanner, stain, tuple(phases), tuple(alarms))


def _phase(
    begin: date | None, known: Sequence[tuple[date, Spread]], within: tuple[date, date]
) -> tuple[Phase, list[tuple[date, Rule, float, float]]]:
    """Days between two changes, and what broke a rule on those shown: day, rule, value, sigmas."""
    shown = [at for at, (day, _) in enumerate(known) if within[0] <= day <= within[1]]
    judged = [at for at, (_, one) in enumerate(known) if one.slides >= SLIDES_OF_A_DAY]
    base, watched = judged[:BASELINE_DAYS], judged[BASELINE_DAYS:]
    if len(base) < BASELINE_DAYS:
        few = tuple(_day(*known[at]) for at in shown)
        return Phase(begin, few, missing=BASELINE_DAYS - len(base)), []
    centre, sigma = centre_and_sigma([known[at][1].middle for at in base])
    values = [known[at][1].middle for at in watched]
    averages = dict(zip(watched, smoothed(values, centre), strict=True))
    limits = {at: smoothed_limits(number + 1, centre, sigma) for number, at in enumerate(watched)}
    start = set(base)
    found = [
        (day, rule, values[at], apart)
        for at, rule, apart in broken(values, centre, sigma)
        for day in (known[watched[at]][0],)
        if within[0] <= day <= within[1]
    ]
    days = tuple(
        _day(*known[at], at in start, averages.get(at), *limits.get(at, ())) for at in shown
    )
    return Phase(begin, days, centre, sigma), found


def _day(day: date, spread: Spread, baseline: bool = False, *average: float | None) -> ChartOfDay:
    judged = spread.slides >= SLIDES_OF_A_DAY
    low, high = spread.low, spread.high
    return ChartOfDay(day, spread.slides, spread.middle, low, high, judged, baseline, *average)
