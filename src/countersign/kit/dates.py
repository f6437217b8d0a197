"""FHIR dates of any precision as half-open intervals of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from .errors import CountersignError

_PATTERN = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


class BadDate(CountersignError):
    code = "date.malformed"
    status = 400
    message = "“{text}” is not a FHIR date. Write it as 2026-11-22 or 2026-11-22T08:30:00Z."


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` (included) to ``high`` (excluded), both with a time zone."""

    low: datetime
    high: datetime


def interval(text: str, zone: tzinfo = UTC) -> Interval:
    """The interval that a FHIR date, dateTime or instant covers.

    ``zone`` is that of a text which names none, as every date does. Raises BadDate.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise BadDate(text=text[:40])
    year, month, day, hour, minute, second, fraction, named = match.groups()
    try:
        tz = _zone(named) if named else zone
        if month is None:
            return Interval(datetime(int(year), 1, 1, tzinfo=tz), _new_year(int(year), tz))
        if day is None:
            first = datetime(int(year), int(month), 1, tzinfo=tz)
            return Interval(first, (first + timedelta(days=32)).replace(day=1))
        low = datetime(int(year), int(month), int(day), tzinfo=tz)
        if hour is None:
            return Interval(low, low + timedelta(days=1))
        low = low.replace(hour=int(hour), minute=int(minute), second=int(second or 0))
        low += timedelta(seconds=float(fraction or 0))
        step = timedelta(minutes=1) if second is None else timedelta(seconds=1)
        return Interval(low, low + (timedelta(milliseconds=1) if fraction else step))
    except (ValueError, OverflowError):
        raise BadDate(text=text[:40]) from None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = 1 if text[0] == "+" else -1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


def _new_year(year: int, tz: tzinfo) -> datetime:
    return datetime(year + 1, 1, 1, tzinfo=tz)


def age_on(birth: date, day: date) -> int:
    """Completed years of age."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
