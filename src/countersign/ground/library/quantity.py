"""The numbers that a sentence states, with unit and direction, however they are written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .units import HAN_UNIT, UNIT, measured
from .words import fold

_DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
_ENGLISH = {name: number for number, name in enumerate(_COUNTED.split())} | {
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
    "once": 1,
    "twice": 2,
}

_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹²³¹", "0123456789231")
_NUMBER = re.compile(
    rf"(?:(?<![a-z\d.])|(?<=x))(?P<digits>\d+(?:,\d{{3}})+(?!\d)|\d+)(?P<part>\.\d+)?"
    rf"(?P<power>\s?[x×*]\s?10\s?(?:\^|\*\*)?\s?(?P<exponent>\d{{1,2}}))?"
    rf"(?P<many>[万亿])?"
    rf"(?:[\s-]?(?P<unit>{UNIT}))?"
    rf"|百分之(?P<share>[零〇一二两三四五六七八九十百]+|\d+(?:\.\d+)?)"
    rf"|(?P<han>[零〇一二两三四五六七八九十百千]+|半)(?P<hanunit>{HAN_UNIT})"
    rf"|\b(?P<word>{'|'.join(_ENGLISH)})\b(?:[\s-](?P<wordunit>{UNIT}))?"
)
_BEFORE = re.compile(
    r"(?P<most>[≤⩽]|<\s?=|不超过|不大于|不高于|不多于|小于等于|小于或等于|至多|最多|at most|up to"
    r"|(?:no|not) (?:more|greater|higher|longer) than|not exceed(?:ing)?)\s*$"
    r"|(?P<least>[≥⩾]|>\s?=|不低于|不小于|不少于|大于等于|大于或等于|至少|最少|at least"
    r"|(?:no|not) (?:less|fewer|lower) than|minimum of)\s*$"
    r"|(?P<more>>|大于|超过|高于|多于|长于|(?:more|greater|higher|longer|older|larger) than"
    r"|over|above|exceed(?:s|ing)?)\s*$"
    r"|(?P<less><|小于|低于|少于|短于|不足|不到|未满|(?:less|fewer|lower|shorter|younger|smaller)"
    r" than|below|under)\s*$"
)
_AFTER = re.compile(
    r"\s?(?:(?P<least>以上|及以上|or (?:more|greater|higher|older|above)|and (?:above|older|over))"
    r"|(?P<most>以下|以内|之内|内|及以下|or (?:less|fewer|lower|younger|below)"
    r"|and (?:below|under)))"
)
_RANGE = re.compile(rf"\s?(?:[-~–—]|至|到|to)\s?\d+(?:\.\d+)?[\s-]?(?P<unit>{UNIT})")
_MARGIN = 24
"""Characters before a number in which its comparator may stand."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """``value`` as written, its unit's ``dimension`` and ``size``, and where it stands.

    ``direction`` is 1 for more than or at least, -1 for less than or at most, 0 for neither; the
    words that say so are between ``start`` and ``end`` (end exclusive), as is the unit.
    """

    value: float
    dimension: str
    size: float
    direction: int
    start: int
    end: int

    def agrees(self, other: Quantity) -> bool:
        """Whether ``other``, of a source, says the same amount in the same direction."""
        if self.direction != other.direction:
            return False
        if not self.dimension:
            return math.isclose(self.value, other.value, rel_tol=1e-9)
        mine, theirs = self.value * self.size, other.value * other.size
        return self.dimension == other.dimension and math.isclose(mine, theirs, rel_tol=1e-6)


def quantities(text: str) -> list[Quantity]:
    """Every number of the text: digits, Chinese numerals before a unit, English number words."""
    folded = fold(text).translate(_POWERS).replace("µ", "u").replace("μ", "u")
    found: list[Quantity] = []
    for match in _NUMBER.finditer(folded):
        value, unit = _read(match)
        if not unit and (ranged := _RANGE.match(folded, match.end())):
            unit = ranged["unit"]
        dimension, size = measured(unit)
        place = _direction(folded, match.start(), match.end())
        found.append(Quantity(value, dimension, size, *place))
    return found


def amounts(text: str) -> str:
    """The text with each quantity written one way, so that equal amounts are equal words."""
    parts: list[str] = []
    at = 0
    for one in quantities(text):
        parts.append(text[at : max(at, one.start)])
        parts.append(f" #{one.value * one.size:.6g}{one.dimension}{'<=>'[one.direction + 1]} ")
        at = one.end
    return "".join((*parts, text[at:]))


def _read(match: re.Match[str]) -> tuple[float, str]:
    if match["digits"]:
        value = float(match["digits"].replace(",", "") + (match["part"] or ""))
        value *= 10.0 ** int(match["exponent"] or 0)
        value *= {"万": 1e4, "亿": 1e8}.get(match["many"] or "", 1.0)
        return value, match["unit"] or ""
    if match["share"]:
        told = match["share"]
        return (float(told) if told[0].isdigit() else float(chinese(told))), "%"
    if match["han"]:
        value = 0.5 if match["han"] == "半" else float(chinese(match["han"]))
        return value, match["hanunit"]
    unit = match["wordunit"] or ("times" if match["word"] in ("once", "twice") else "")
    return float(_ENGLISH[match["word"]]), unit


def chinese(numeral: str) -> int:
    """The number below ten thousand that Chinese signs say: 三百零五 is 305, 一二 is 12."""
    if not _TENS.keys() & set(numeral):
        return int("".join(str(_DIGITS[sign]) for sign in numeral))
    total, digit = 0, 0
    for sign in numeral:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def _direction(text: str, start: int, end: int) -> tuple[int, int, int]:
    """Direction, start and end of a number together with what compares it."""
    window = max(0, start - _MARGIN)
    told = _BEFORE.search(text[window:start])
    if told is not None:
        start = window + told.start()
    elif (told := _AFTER.match(text, end)) is not None:
        end = told.end()
    name = told.lastgroup if told else None
    return {"more": 1, "least": 1, "less": -1, "most": -1}.get(name or "", 0), start, end
