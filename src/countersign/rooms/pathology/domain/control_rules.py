"""The rules by which a run of days is out of control.

Shewhart's limits at three sigma with the further rules of the Western Electric Company
(Statistical Quality Control Handbook, 1956, pages 25 to 28), and an exponentially weighted moving
average (S. W. Roberts, Technometrics 1959; NIST/SEMATECH e-Handbook of Statistical Methods,
section 6.3.2.4). The first rule and the moving average alarm; the others warn, because all four
together are broken by chance so often (about once in ninety days) that people would stop looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

WEIGHT, WIDTH = 0.2, 3.0
"""Of the moving average: the newest day's weight and its limits in sigma (NIST: 0.2 to 0.3; 3)."""

_SPREAD = 1.128
"""d₂ of two: the mean of a moving range of two days over their standard deviation."""


class Severity(StrEnum):
    """An alarm is acted on before the next slide; a warning is looked at on the day."""

    ALARM = "alarm"
    WARNING = "warning"


class Rule(StrEnum):
    """What was broken."""

    BEYOND = "beyond-three-sigma"
    TWO_OF_THREE = "two-of-three-beyond-two"
    FOUR_OF_FIVE = "four-of-five-beyond-one"
    EIGHT = "eight-on-one-side"
    DRIFT = "moving-average"

    @property
    def severity(self) -> Severity:
        """Alarm for the first and the last rule."""
        return Severity.ALARM if self in (Rule.BEYOND, Rule.DRIFT) else Severity.WARNING


_RUNS = ((Rule.TWO_OF_THREE, 2, 3, 2.0), (Rule.FOUR_OF_FIVE, 4, 5, 1.0), (Rule.EIGHT, 8, 8, 0.0))


def centre_and_sigma(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sigma (mean moving range over 1.128) of a baseline.

    Days beyond three sigma are left out once: a disaster in the baseline must not widen the
    limits for ever. Sigma is at least a millionth, so that a constant baseline alarms at a change.
    """
    kept = np.asarray(values, np.float64)
    centre, sigma = float(kept.mean()), 1e-6
    for _ in range(2):
        centre = float(kept.mean())
        sigma = max(float(np.abs(np.diff(kept)).mean()) / _SPREAD, 1e-6)
        inside = np.abs(kept - centre) <= 3 * sigma
        if inside.all() or inside.sum() < max(3, len(kept) // 2):
            break
        kept = kept[inside]
    return centre, sigma


def smoothed(values: Sequence[float], centre: float) -> list[float]:
    """The moving average, which starts at the centre."""
    average, found = centre, list[float]()
    for value in values:
        average += WEIGHT * (value - average)
        found.append(average)
    return found


def smoothed_limits(day: int, centre: float, sigma: float) -> tuple[float, float]:
    """Of the moving average on the first, second, … day that is watched."""
    half = sigma * _width(day)
    return centre - half, centre + half


@cache
def _width(day: int) -> float:
    share = WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * day))
    return WIDTH * share**0.5


def broken(values: Sequence[float], centre: float, sigma: float) -> list[tuple[int, Rule, float]]:
    """Each rule that each day completes: (which day, rule, distance from the centre in sigma)."""
    apart = (np.asarray(values, np.float64) - centre) / sigma
    averages = np.asarray(smoothed(values, centre))
    half = sigma * np.asarray([_width(day + 1) for day in range(len(values))])
    hits: list[tuple[Rule, NDArray[np.bool_], NDArray[np.float64]]] = [
        (Rule.BEYOND, np.abs(apart) > 3, apart)
    ]
    for rule, wanted, length, beyond in _RUNS:
        above, below = apart > beyond, apart < -beyond
        # The day itself must lie there, else one strange day would warn for three.
        ran = above & (_within(above, length) >= wanted) | below & (
            _within(below, length) >= wanted
        )
        hits.append((rule, ran, apart))
    drift = ~((averages >= centre - half) & (averages <= centre + half))
    hits.append((Rule.DRIFT, drift, (averages - centre) / sigma))
    found = [
        (int(day), at, float(distance[day]))
        for at, (_, ran, distance) in enumerate(hits)
        for day in np.flatnonzero(ran)
    ]
    return [(day, hits[at][0], distance) for day, at, distance in sorted(found)]


def _within(there: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """How many of the last so many days, for each day; of fewer at the beginning."""
    summed = np.cumsum(there, dtype=np.int64)
    return summed - np.concatenate([np.zeros(length, np.int64), summed])[: len(summed)]
