"""Slides as they are measured, and their days as numpy sums them: beside what the database says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from countersign.ground.slides import Covered, DayOfSlides, Spread
from countersign.rooms.pathology.domain.control import Measure

SCANNERS = ("Aperio GT 450 A", "Hamamatsu S360", "3DHISTECH P1000")
USUAL = {Measure.WHITE: 241.0, Measure.HAEMATOXYLIN: 0.62, Measure.FOCUS: 0.35}


@dataclass(frozen=True)
class Seen:
    """A measured slide and what was charted of it."""

    day: date
    scanner: str
    stain: str
    values: Mapping[Measure, float]


def summed(slides: Iterable[Seen]) -> list[DayOfSlides]:
    """A line for each scanner and stain of a day, by scanner, stain and day."""
    given = sorted(slides, key=_place)
    return [
        DayOfSlides(day, scanner, stain, len(found), spreads)
        for (scanner, stain, day), each in groupby(given, _place)
        for found in (list(each),)
        for spreads in (_spreads([one.values for one in found]),)
    ]


def year(last: date, drift: str = SCANNERS[1]) -> list[DayOfSlides]:
    """Slides of every day but Sundays, few on Saturdays; one scanner's haematoxylin drifts."""
    chance = np.random.default_rng(5)
    made: list[Seen] = []
    for scanner in SCANNERS:
        for stain in ("ki67", "he"):
            for at in range(365):
                day = last - timedelta(days=364 - at)
                for _ in range((6, 6, 6, 6, 6, 3, 0)[day.weekday()]):
                    values = {
                        measure: value * (1 + 0.03 * chance.normal())
                        + 0.0004 * at * (scanner == drift and measure is Measure.HAEMATOXYLIN)
                        for measure, value in USUAL.items()
                    }
                    made.append(Seen(day, scanner, stain, values))
    return summed(made)


def covered_by(days: Iterable[DayOfSlides]) -> Covered:
    """What there is, as the floor says it."""
    given = list(days)
    return Covered(
        min((one.day for one in given), default=None),
        max((one.day for one in given), default=None),
        sum(one.slides for one in given),
        tuple(sorted({one.scanner for one in given})),
        tuple(sorted({one.stain for one in given})),
        0,
    )


def _place(one: Seen) -> tuple[str, str, date]:
    return one.scanner, one.stain, one.day


def _spreads(values: list[Mapping[Measure, float]]) -> dict[str, Spread]:
    found: dict[str, Spread] = {}
    for measure in Measure:
        known = [one[measure] for one in values if measure in one]
        if known:
            low, middle, high = (float(one) for one in np.percentile(known, (10, 50, 90)))
            found[measure.value] = Spread(len(known), low, middle, high)
    return found
