"""Where the lines and points of control charts lie, for a week of days as for a year of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from countersign.ground.slides import ControlChange, Covered
from countersign.rooms.pathology.domain.control import (
    BASELINE_DAYS,
    Alarm,
    Chart,
    Measure,
    Phase,
    QualityOfDay,
    charts,
    touches,
)
from countersign.rooms.pathology.domain.control_rules import Rule, Severity

WIDTH, HEIGHT, EDGE, FOOT = 640, 190, 12, 32
"""Of a drawing: its sides, the air around the days, and the foot where the dates stand."""

SPANS: Final = (7, 30, 90, 365)
"""Days of which a page can be asked: a week, a month, a quarter, a year."""

TABLES: Final = 2500
"""Days of all drawings together up to which their values also stand as tables: beyond it a page
would be megabytes, and one scanner and stain is to be chosen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which charts; an empty name is any. The last of ``days`` is ``until``, or the newest of any
    slide. ``since`` is the first day of which the limits are taken, None for the first of all."""

    days: int = 90
    scanner: str = ""
    stain: str = ""
    until: date | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One day of a drawing, in its pixels; ``alarm`` where a rule was broken."""

    x: float
    y: float
    alarm: bool
    judged: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The lines of one phase: from where to where, and the heights of −3, 0 and +3 sigma, none
    where there are no limits yet. ``begin`` is the day of the change that it began with."""

    left: float
    right: float
    heights: tuple[float, ...]
    begin: date | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart of the days that are shown and where its lines lie.

    ``line`` holds the points between which it runs, ``limits`` the lines of each phase.
    ``dot`` is the radius of a day, 0 where the days stand too close for dots: the line alone shows
    them, and ``marks`` has only days that broke a rule, each a square of twice ``square``.
    ``dates`` stand at some places of the foot.
    """

    chart: Chart
    measure: Measure
    line: str
    marks: tuple[Mark, ...]
    limits: tuple[Limits, ...]
    dates: tuple[tuple[float, date], ...]
    dot: float
    square: float


@dataclass(frozen=True, slots=True)
class Group:
    """The charts of one scanner and stain, and how many of them broke a rule on the days that are
    shown."""

    scanner: str
    stain: str
    drawings: tuple[Drawn, ...]
    broken: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A chart that broke rules: on how many days, and which on the ``last`` of them.

    A drift breaks several rules on every day; a line for each would bury what else is wrong, and
    beside an alarm nobody needs its warnings.
    """

    last: Alarm
    rules: tuple[Rule, ...]
    days: int

    @property
    def severity(self) -> Severity:
        """That of the last day."""
        return self.last.severity


@dataclass(frozen=True, slots=True)
class Control:
    """Everything of the page. ``broken`` has the newest day first, and on a day alarms before
    warnings; ``tables`` whether the values stand there too. ``slides`` and ``days`` are those that
    are shown, on the days ``first`` to ``last``; ``begin`` and ``end`` the period that was asked
    for (None where there is no slide at all). ``covered`` is what there is beside it, ``changes``
    what is known to have happened to the scanners and stains shown, on those days or, if limits
    that are shown began with it, before; the newest first."""

    wanted: Wanted
    groups: tuple[Group, ...]
    broken: tuple[Broken, ...]
    tables: bool
    slides: int
    days: int
    first: date | None
    last: date | None
    begin: date | None
    end: date | None
    covered: Covered
    changes: tuple[ControlChange, ...] = ()
    baseline: int = BASELINE_DAYS

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All that are drawn."""
        return tuple(one.chart for group in self.groups for one in group.drawings)

    @property
    def earlier(self) -> date | None:
        """The last day of the period before this one, None where there is none."""
        return _beyond(self.begin, -1, self.covered)

    @property
    def later(self) -> date | None:
        """The last day of the period after this one, None where this is the newest."""
        after = _beyond(self.end, self.wanted.days, self.covered)
        return after or (self.covered.last if _beyond(self.end, 1, self.covered) else None)


def _beyond(day: date | None, by: int, covered: Covered) -> date | None:
    """A day so many days off, if there are slides of that time."""
    if day is None or covered.first is None or covered.last is None:
        return None
    found = day + timedelta(days=by)
    return found if covered.first <= found <= covered.last else None


def control_of(
    days: Sequence[QualityOfDay],
    covered: Covered,
    wanted: Wanted,
    changes: Sequence[ControlChange] = (),
) -> Control:
    """The charts that are wanted, judged by all days and drawn for some of them. ``changes`` are
    those that nobody withdrew."""
    end = min((one for one in (wanted.until, covered.last) if one and covered.last), default=None)
    begin = end - timedelta(days=wanted.days - 1) if end else None
    shown, made = list[QualityOfDay](), list[Chart]()
    if begin and end:
        shown = [one for one in days if begin <= one.day <= end]
        made = [one for one in charts(days, wanted.since, (begin, end), changes) if one.days]
    broken = [_broken(one) for one in made if one.alarms]
    known = sorted({one.day for one in shown})
    newest = date.max if end == covered.last else None  # and what happened after its last slide
    return Control(
        wanted=wanted,
        groups=_grouped(made),
        broken=tuple(sorted(broken, key=_order, reverse=True)),
        tables=sum(len(one.days) for one in made) <= TABLES,
        slides=sum(one.slides for one in shown),
        days=len(known),
        first=known[0] if known else None,
        last=known[-1] if known else None,
        begin=begin,
        end=end,
        covered=covered,
        changes=tuple(
            one for one in changes if _shown(one, wanted, begin, newest or end) or _holds(one, made)
        ),
    )


def _shown(one: ControlChange, wanted: Wanted, begin: date | None, end: date | None) -> bool:
    """Whether a change is one of the period and of what is asked for."""
    if wanted.scanner and one.scanner not in ("", wanted.scanner):
        return False
    if wanted.stain and one.stain not in ("", wanted.stain):
        return False
    return begin is not None and end is not None and begin <= one.day <= end


def _holds(one: ControlChange, made: Sequence[Chart]) -> bool:
    """Whether limits that are shown began with a change, be it long ago."""
    return one.anew and any(
        phase.begin == one.day
        for chart in made
        if touches(one, chart.scanner, chart.stain)
        for phase in chart.phases
    )


def _broken(one: Chart) -> Broken:
    newest = max(alarm.day for alarm in one.alarms)
    there = sorted((alarm for alarm in one.alarms if alarm.day == newest), key=_weight)
    worst = [alarm.rule for alarm in there if alarm.severity is there[0].severity]
    rules = tuple(dict.fromkeys(worst))
    return Broken(there[0], rules, len({alarm.day for alarm in one.alarms}))


def _order(one: Broken) -> tuple[date, bool, float]:
    return one.last.day, one.severity is Severity.ALARM, abs(one.last.distance)


def _weight(one: Alarm) -> tuple[bool, float]:
    return one.severity is not Severity.ALARM, -abs(one.distance)


def _grouped(made: Sequence[Chart]) -> tuple[Group, ...]:
    return tuple(
        Group(scanner, stain, tuple(map(drawn, each)), sum(bool(one.alarms) for one in each))
        for (scanner, stain), found in groupby(made, lambda one: (one.scanner, one.stain))
        for each in (list(found),)
    )


def drawn(one: Chart) -> Drawn:
    """A chart with at least one day. Days stand as far apart as they lay in time."""
    lines = [value for phase in one.phases for value in _lines(phase)]
    shown = [*lines, *(day.value for day in one.days)]
    low, high = min(shown), max(shown)
    air = (high - low) * 0.1 or abs(high) * 0.05 or 1.0
    low, high = low - air, high + air
    alarmed = {alarm.day for alarm in one.alarms}
    first, span = one.days[0].day, (one.days[-1].day - one.days[0].day).days
    apart = (WIDTH - 2 * EDGE) / max(span, 1)

    tall = (HEIGHT - FOOT - 2 * EDGE) / (high - low)
    start = EDGE if span else WIDTH / 2

    def across(day: date) -> float:
        return start + (day - first).days * apart

    def height(value: float) -> float:
        return EDGE + (high - value) * tall

    dot = 0.0 if apart < 4 else min(apart / 2.5, 4.0)
    places = [(across(day.day), height(day.value)) for day in one.days]
    marks = tuple(
        Mark(x, y, day.day in alarmed, day.judged)
        for (x, y), day in zip(places, one.days, strict=True)
        if dot or day.day in alarmed
    )
    starts = [0.0, *(across(phase.begin or first) for phase in one.phases[1:]), float(WIDTH)]
    return Drawn(
        one,
        one.measure,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        marks,
        tuple(
            Limits(left, right, tuple(map(height, _lines(phase))), phase.begin if left else None)
            for phase, left, right in zip(one.phases, starts, starts[1:], strict=False)
        ),
        tuple((across(day), day) for day in _dates(first, span)),
        dot,
        square=min(max(apart / 1.5, 3.5), 6.0),
    )


def _lines(phase: Phase) -> list[float]:
    return [value for value in map(phase.limit, (-3, 0, 3)) if value is not None]


def _dates(first: date, span: int) -> list[date]:
    """The beginnings of up to about six months, or a few days evenly where there are not two."""
    days = [first + timedelta(days=at) for at in range(span + 1)]
    months = [day for day in days if day.day == 1]
    if len(months) >= 2:
        return months[:: -(-len(months) // 6)]
    return sorted({days[span * at // 3] for at in range(4)})
