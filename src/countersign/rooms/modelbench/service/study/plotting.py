"""Places the points of the plot of quality, cost and speed; a template draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .reading import Result, ResultRow

WIDTH, HEIGHT = 640.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 24.0, 16.0, 44.0
LEAST, MOST = 5.0, 16.0
"""Radii of the slowest and the fastest point."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where, and what is written beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """One configuration: its middle, its interval, its size; ``end`` sets its label on the left."""

    key: str
    label: str
    x: float
    y: float
    low: float
    high: float
    radius: float
    best: bool
    end: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of ``width`` by ``height``; ``line`` joins the frontier by cost and quality."""

    points: tuple[Point, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    line: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def plot(result: Result) -> Plot | None:
    """Quality over the cost of 1,000 answers, sized by speed; None with no point to draw."""
    rows = [row for row in result.rows if row.overall is not None and row.cost is not None]
    if not rows:
        return None
    costs = [row.cost.real_thousand for row in rows if row.cost]
    across = _Scale(_spread_log(costs), LEFT, WIDTH - RIGHT, log=True)
    bounds = [bound for row in rows if row.overall for bound in (row.overall.low, row.overall.high)]
    up = _Scale(_spread(bounds), HEIGHT - BOTTOM, TOP)
    fastest = max((row.capacity.requests_a_second for row in rows if row.capacity), default=0.0)
    points = tuple(_point(row, across, up, fastest) for row in rows)
    return Plot(
        points=points,
        across=tuple(Tick(across(one), f"{one:g}") for one in _steps_log(across.low, across.high)),
        up=tuple(Tick(up(one), f"{one * 100:.0f}") for one in _steps(up.low, up.high)),
        line=_line(points),
    )


class _Scale:
    def __init__(
        self, values: tuple[float, float], start: float, end: float, *, log: bool = False
    ) -> None:
        self.low, self.high = values
        self._start, self._end, self._log = start, end, log

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self._log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-12))
        return round(self._start + (value - low) / (high - low) * (self._end - self._start), 1)


def _point(row: ResultRow, across: _Scale, up: _Scale, fastest: float) -> Point:
    assert row.overall is not None and row.cost is not None  # noqa: S101 - chosen so
    speed = row.capacity.requests_a_second if row.capacity else 0.0
    share = math.sqrt(speed / fastest) if fastest else 0.0
    x = across(row.cost.real_thousand)
    return Point(
        key=row.configuration.key,
        label=row.configuration.label,
        x=x,
        y=up(row.overall.value),
        low=up(row.overall.low),
        high=up(row.overall.high),
        radius=round(LEAST + (MOST - LEAST) * share, 1),
        best=row.best,
        end=x > WIDTH * 0.6,
    )


def _line(points: Sequence[Point]) -> str:
    """The frontier of cost and quality alone, as steps from cheap to dear."""
    found: list[Point] = []
    for one in sorted(points, key=lambda point: (point.x, point.y)):
        if not found or one.y < found[-1].y:
            found.append(one)
    return " ".join(f"{one.x},{one.y}" for one in found) if len(found) > 1 else ""


def _spread(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    air = max((high - low) * 0.15, 0.02)
    return max(0.0, low - air), min(1.0, high + air) if high < 1.0 else 1.0 + air / 4


def _spread_log(values: Sequence[float]) -> tuple[float, float]:
    low, high = max(min(values), 1e-9), max(*values, 1e-9)
    return low / 1.6, high * 1.6


def _steps(low: float, high: float) -> list[float]:
    span = high - low
    step = next(one for one in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if span / one <= 7 or one == 0.5)
    first = math.ceil(low / step)
    return [round(number * step, 4) for number in range(first, math.floor(high / step) + 1)]


def _steps_log(low: float, high: float) -> list[float]:
    begin, end = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [float(f"{digit}e{power}") for power in range(begin, end + 1) for digit in (1, 2, 5)]
    return [one for one in every if low <= one <= high][:12]
