"""Numbers of a text as intervals in one unit for each kind: 0.5 g and 500 mg are the same."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "μg": ("mg", 0.001),
    "mg": ("mg", 1.0),
    "g": ("mg", 1000.0),
    "mg/d": ("mg/d", 1.0),
    "g/d": ("mg/d", 1000.0),
    "mmol/l": ("mmol/l", 1.0),
    "μmol/l": ("mmol/l", 0.001),
    "umol/l": ("mmol/l", 0.001),
    "mg/dl": ("mg/dl", 1.0),
    "g/l": ("mg/dl", 100.0),
    "小时": ("h", 1.0),
    "hour": ("h", 1.0),
    "hours": ("h", 1.0),
    "h": ("h", 1.0),
    "天": ("h", 24.0),
    "日": ("h", 24.0),
    "day": ("h", 24.0),
    "days": ("h", 24.0),
    "周": ("h", 168.0),
    "week": ("h", 168.0),
    "weeks": ("h", 168.0),
    "月": ("month", 1.0),
    "month": ("month", 1.0),
    "months": ("month", 1.0),
    "岁": ("year", 1.0),
    "year": ("year", 1.0),
    "years": ("year", 1.0),
    "°c": ("℃", 1.0),
    "℃": ("℃", 1.0),
}
"""What of ``differences`` is the same kind, and how many of its unit one is. Only conversions that
hold for every substance: mmol/L of one is not mg/dL of another.
"""

_LEAST: Final = re.compile(r"^(?:[≥>＞]=?|至少|不低于|高于|大于|at least|above|over)")
_MOST: Final = re.compile(r"^(?:[≤<＜]=?|不超过|低于|小于|below|under|up to)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Named:
    """A number with the words before it: ``term`` in small letters."""

    term: str
    value: str
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Interval:
    """``low`` to ``high``; ``way`` is 1 for a least, -1 for a most, 0 for a number or a range."""

    low: float
    high: float
    way: int


def family(unit: str) -> str:
    """The unit in which this kind is compared."""
    return _UNITS.get(unit, (unit, 1.0))[0]


def interval(named: Named) -> Interval | None:
    """What a number says; None for a pair such as 140/90, which is compared as it is written."""
    value = named.value.lower()
    if "/" in value:
        return None
    factor = _UNITS.get(named.unit, ("", 1.0))[1]
    found = [float(one) * factor for one in _NUMBER.findall(value)]
    if not found or found[0] > found[-1]:
        return None
    if len(found) == 1 and _LEAST.match(value):
        return Interval(found[0], math.inf, 1)
    if len(found) == 1 and _MOST.match(value):
        return Interval(0.0, found[-1], -1)
    return Interval(found[0], found[-1], 0)
