"""Slides as they are measured, and their days as numpy sums them: beside what the database says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np

from countersign.ground.slides import Covered, DayOfSlides, Spread
from countersign.rooms.pathology.domain.control import Measure


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
