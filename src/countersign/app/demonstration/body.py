"""A person's physiology over time: set points, slow courses and acute episodes, read with noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from .derived import DERIVED, egfr
from .tables.analytes import ANALYTES

Points = Sequence[tuple[datetime, float]]
_MEN = {"creatinine": (78.0, 6.0), "haemoglobin": (149.0, 6.0), "urate": (325.0, 28.0)}
_WOMEN = {
    "creatinine": (60.0, 5.0),
    "haemoglobin": (131.0, 5.0),
    "urate": (262.0, 24.0),
    "urea": (4.9, 0.5),
    "ferritin": (58.0, 12.0),
    "bilirubin": (10.2, 2.0),
}


@dataclass(frozen=True, slots=True)
class Episode:
    """From its first to its last point the episode replaces the course."""

    key: str
    points: Points

    def covers(self, when: datetime) -> bool:
        return self.points[0][0] <= when <= self.points[-1][0]


def between(points: Points, when: datetime) -> float:
    """Linear interpolation; level before the first and after the last point."""
    if when <= points[0][0]:
        return points[0][1]
    for (early, first), (late, second) in zip(points, points[1:], strict=False):
        if when <= late:
            share = (when - early) / (late - early)
            return first + (second - first) * share
    return points[-1][1]


class Body:
    """Reads are remembered, so that results of one sample fit together."""

    def __init__(
        self,
        rng: Random,
        female: bool,
        age: Callable[[datetime], int],
        height: float,
        weight: float,
    ) -> None:
        self._rng = rng
        self._female = female
        self.age = age
        self._points: dict[str, float] = {"height": height, "weight": weight}
        self._courses: dict[str, Points] = {}
        self._episodes: list[Episode] = []
        self._read: dict[tuple[str, datetime], Decimal] = {}

    def level(self, key: str, value: float) -> None:
        """Sets the person's own set point."""
        self._points[key] = value

    def usual(self, key: str) -> float:
        """The person's set point, drawn from the healthy at first asking."""
        if key not in self._points:
            by_sex = _WOMEN if self._female else _MEN
            mean, spread = by_sex.get(key, ANALYTES[key].usual)
            draw = min(max(self._rng.gauss(0, 1), -1.8), 1.8)
            self._points[key] = mean + spread * draw
        return self._points[key]

    def course(self, key: str, points: Points) -> None:
        """The slow course from now on replaces the set point."""
        self._courses[key] = sorted(points)

    def episode(self, key: str, start: datetime, *points: tuple[float, float]) -> None:
        """An acute excursion: ``points`` are (hours after ``start``, value); the latest wins."""
        placed = [(start + timedelta(hours=hours), value) for hours, value in points]
        self._episodes.insert(0, Episode(key, placed))

    def expected(self, key: str, when: datetime) -> float:
        """The value without noise."""
        for one in self._episodes:
            if one.key == key and one.covers(when):
                return between(one.points, when)
        if key in self._courses:
            return between(self._courses[key], when)
        if key == "urea":
            return self._urea(when)
        return self.usual(key)

    def _urea(self, when: datetime) -> float:
        ratio = self.expected("creatinine", when) / self.usual("creatinine")
        return self.usual("urea") * ratio**0.8

    def at(self, key: str, when: datetime) -> Decimal:
        """The value as the laboratory prints it."""
        found = self._read.get((key, when))
        if found is None:
            found = self._read[key, when] = ANALYTES[key].rounded(self._value(key, when))
        return found

    def _value(self, key: str, when: datetime) -> float:
        if key == "egfr":
            return egfr(float(self.at("creatinine", when)), self.age(when), self._female)
        explicit = any(one.key == key and one.covers(when) for one in self._episodes)
        if key in DERIVED and not explicit and key not in self._courses:
            value = DERIVED[key](lambda other: float(self.at(other, when)))
            return value * (1 + self._noise(0.03 if "glucose" in key else 0.004))
        value = self.expected(key, when)
        return value * (1 + self._noise(self._spread(key, explicit)))

    def _spread(self, key: str, explicit: bool) -> float:
        spread = ANALYTES[key].cv
        return spread * (0.15 if explicit else 1)

    def _noise(self, spread: float) -> float:
        return spread * min(max(self._rng.gauss(0, 1), -2), 2)
