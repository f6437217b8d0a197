"""Where the lines and points of control charts lie, for a week of days as for a year of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from countersign.rooms.pathology.domain.control import (
    BASELINE_DAYS,
    Alarm,
    Chart,
    Measure,
    SlideQuality,
    charts,
)
from countersign.rooms.pathology.domain.control_rules import Rule, Severity

WIDTH, HEIGHT, EDGE, FOOT = 640, 190, 12, 32
"""Of a drawing: its sides, the air around the days, and the foot where the dates stand."""

SPANS: Final = (30, 90, 365)
"""Days of which a page can be asked."""

TABLES: Final = 2500
"""Days of all drawings together up to which their values also stand as tables: beyond it a page
would be megabytes, and one scanner and stain is to be chosen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which charts; an empty name is any. The last of ``days`` is the newest of any slide."""

    days: int = 90
    scanner: str = ""
    stain: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One day of a drawing, in its pixels; ``alarm`` where a rule was broken."""

    x: float
    y: float
    alarm: bool
    judged: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart of the days that are shown and where its lines lie.

    ``limits`` are the heights of −3, 0 and +3 sigma. ``dot`` is the radius of a day, 0 where the
    days stand too close for dots and the line alone shows them; ``square`` half the side of a day
    that broke a rule. ``dates`` stand at some places of the foot.
    """

    chart: Chart
    measure: Measure
    marks: tuple[Mark, ...]
    limits: tuple[float, ...]
    dates: tuple[tuple[float, date], ...]
    dot: float
    square: float

    @property
    def line(self) -> str:
        """The points of the line between the days."""
        return " ".join(f"{one.x:.1f},{one.y:.1f}" for one in self.marks)


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
    warnings; ``scanners`` and ``stains`` are what can be asked for; ``tables`` whether the values
    stand there too; ``newest`` how many slides were looked at where there are more."""

    wanted: Wanted
    groups: tuple[Group, ...]
    broken: tuple[Broken, ...]
    tables: bool
    slides: int
    days: int
    first: date | None
    last: date | None
    scanners: tuple[str, ...]
    stains: tuple[str, ...]
    newest: int | None
    baseline: int = BASELINE_DAYS


def control_of(
    slides: Sequence[SlideQuality], wanted: Wanted, newest: int | None = None
) -> Control:
    """The charts that are wanted, judged by all days and drawn for some of them; ``newest`` where
    there are more slides than these."""
    known = sorted({one.day for one in slides})
    since = known[-1] - timedelta(days=wanted.days - 1) if known else date.min
    made = [
        shown
        for one in charts(slides)
        if wanted.scanner in ("", one.scanner) and wanted.stain in ("", one.stain)
        if (shown := _within(one, since)).days
    ]
    broken = [_broken(one) for one in made if one.alarms]
    days = [one for one in known if one >= since]
    return Control(
        wanted=wanted,
        groups=_grouped(made),
        broken=tuple(sorted(broken, key=_order, reverse=True)),
        tables=sum(len(one.days) for one in made) <= TABLES,
        slides=sum(one.day >= since for one in slides),
        days=len(days),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        scanners=tuple(sorted({one.scanner for one in slides})),
        stains=tuple(sorted({one.stain for one in slides})),
        newest=newest,
    )


def _within(one: Chart, since: date) -> Chart:
    """A chart of fewer days under the limits and the alarms that all of them gave."""
    return replace(
        one,
        days=tuple(day for day in one.days if day.day >= since),
        alarms=tuple(alarm for alarm in one.alarms if alarm.day >= since),
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
    lines = [value for value in (one.limit(-3), one.limit(0), one.limit(3)) if value is not None]
    shown = [*lines, *(day.value for day in one.days)]
    low, high = min(shown), max(shown)
    air = (high - low) * 0.1 or abs(high) * 0.05 or 1.0
    low, high = low - air, high + air
    alarmed = {alarm.day for alarm in one.alarms}
    first, span = one.days[0].day, (one.days[-1].day - one.days[0].day).days
    apart = (WIDTH - 2 * EDGE) / max(span, 1)

    def height(value: float) -> float:
        return EDGE + (high - value) / (high - low) * (HEIGHT - FOOT - 2 * EDGE)

    def across(day: date) -> float:
        return EDGE + (day - first).days * apart if span else WIDTH / 2

    marks = tuple(
        Mark(across(day.day), height(day.value), day.day in alarmed, day.judged) for day in one.days
    )
    dates = tuple((across(day), day) for day in _dates(first, span))
    return Drawn(
        one,
        one.measure,
        marks,
        tuple(height(value) for value in lines),
        dates,
        dot=0.0 if apart < 4 else min(apart / 2.5, 4.0),
        square=min(max(apart / 1.5, 3.5), 6.0),
    )


def _dates(first: date, span: int) -> list[date]:
    """The beginnings of up to about six months, or a few days evenly where there are not two."""
    days = [first + timedelta(days=at) for at in range(span + 1)]
    months = [day for day in days if day.day == 1]
    if len(months) >= 2:
        return months[:: -(-len(months) // 6)]
    return sorted({days[span * at // 3] for at in range(4)})
