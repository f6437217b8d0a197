"""Date searches: FHIR's prefixes over intervals, and over hashed days of birth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast

from countersign.kit.dates import BadDate, Interval, interval

from .errors import BadParameter

Prefix = Literal["eq", "ne", "lt", "gt", "ge", "le", "sa", "eb", "ap"]
_PREFIXED = re.compile(r"(eq|ne|lt|gt|ge|le|sa|eb|ap)?(\d{4}.*)")
_APPROXIMATELY = 0.1
"""FHIR R4 search: ``ap`` means within 10 % of the gap between now and the date."""
_OLDEST = 1800


@dataclass(frozen=True, slots=True)
class DateTest:
    """Compares an interval with the one that was asked for (FHIR R4, search, prefixes)."""

    prefix: Prefix
    low: datetime
    high: datetime

    def holds(self, low: datetime, high: datetime) -> bool:
        """Whether a resource whose date covers ``low`` to ``high`` matches."""
        inside = low >= self.low and high <= self.high
        return {
            "eq": inside,
            "ne": not inside,
            "gt": high > self.high,
            "lt": low < self.low,
            "ge": high > self.high or inside,
            "le": low < self.low or inside,
            "sa": low >= self.high,
            "eb": high <= self.low,
            "ap": low < self.high and high > self.low,
        }[self.prefix]


def date_test(name: str, text: str, now: datetime) -> DateTest:
    """Reads ``ge2024-05``; a date without a zone is of that of ``now``. Raises BadParameter."""
    match = _PREFIXED.fullmatch(text.replace(" ", "+"))
    if match is None:
        raise BadParameter(parameter=name, reason="write a date such as ge2026-11-22")
    prefix = cast("Prefix", match.group(1) or "eq")
    try:
        asked = interval(match.group(2), now.tzinfo or UTC)
    except BadDate:
        raise BadParameter(parameter=name, reason="write a date such as ge2026-11-22") from None
    if prefix == "ap":
        asked = _around(asked, now)
    try:
        return DateTest(prefix, asked.low.astimezone(UTC), asked.high.astimezone(UTC))
    except OverflowError:
        raise BadParameter(parameter=name, reason="the calendar does not reach so far") from None


def _around(asked: Interval, now: datetime) -> Interval:
    slack = abs(now - asked.low) * _APPROXIMATELY
    try:
        return Interval(asked.low - slack, asked.high + slack)
    except OverflowError:
        return asked


def birth_words(test: DateTest, now: datetime) -> set[str]:
    """The years, months and days which together hold exactly the matching days of birth.

    Indexed are, of 1950-05-06: ``1950``, ``1950-05``, ``1950-05-06`` and ``1950-05-06.``;
    of 1950 alone: ``1950`` and ``1950.``. A trailing point says that nothing finer is known.
    """
    words: set[str] = set()
    for year in range(_OLDEST, now.year + 2):
        _cover(test, str(year), words)
    return words


def _cover(test: DateTest, text: str, words: set[str]) -> None:
    """Adds ``text`` when all of it matches, else its matching parts."""
    span = interval(text)  # days of birth are compared as if all were of one zone
    if _holds_for_all(test, span):
        words.add(text)
        return
    if test.holds(span.low, span.high):
        words.add(text + ".")
    if len(text) < len("2026-11-22") and _holds_for_some(test, span):
        for part in _parts(text):
            _cover(test, part, words)


def _holds_for_all(test: DateTest, span: Interval) -> bool:
    """Whether every interval inside the span matches, the span itself included."""
    if test.prefix == "ne":
        return span.high <= test.low or span.low >= test.high
    first = Interval(span.low, span.low + timedelta(days=1))
    last = Interval(span.high - timedelta(days=1), span.high)
    return all(test.holds(one.low, one.high) for one in (span, first, last))


def _holds_for_some(test: DateTest, span: Interval) -> bool:
    if test.prefix == "ne":
        return True
    first = Interval(span.low, span.low + timedelta(days=1))
    last = Interval(span.high - timedelta(days=1), span.high)
    overlap = span.low < test.high and span.high > test.low
    return overlap or test.holds(first.low, first.high) or test.holds(last.low, last.high)


def _parts(text: str) -> list[str]:
    if len(text) == len("2026"):
        return [f"{text}-{month:02}" for month in range(1, 13)]
    first = date.fromisoformat(text + "-01")
    days = ((first + timedelta(days=32)).replace(day=1) - first).days
    return [f"{text}-{day:02}" for day in range(1, days + 1)]
