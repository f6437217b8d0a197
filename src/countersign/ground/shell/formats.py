"""Dates, waits, ages and quantities as a person on the ward reads them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from countersign.kit.dates import age_on
from countersign.kit.words import Language, Words

Number = Decimal | int | float | str

_UNITS = {
    "10*9/L": "×10⁹/L",
    "10*12/L": "×10¹²/L",
    "10*3/uL": "×10³/μL",
    "10*6/uL": "×10⁶/μL",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "{score}": "",
    "1": "",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "kg/m2": "kg/m²",
    "/min": "/min",
    "[degF]": "°F",
    "[lb_av]": "lb",
    "[in_i]": "in",
}
"""UCUM codes that are not fit to be read, and how they are written on the ward."""

_WAIT: dict[Language, tuple[str, str, str, str]] = {
    "en": ("{} d", "{} h", "{} min", "under a minute"),
    "zh": ("{} 天", "{} 小时", "{} 分钟", "不到 1 分钟"),
}
_AGE: dict[Language, tuple[str, str, str]] = {
    "en": ("{} y", "{} mo", "{} d"),
    "zh": ("{} 岁", "{} 个月", "{} 天"),
}


class Formats:
    """The ways of writing in one language and in the hospital's time zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language: Language = language
        self._zone = zone

    def say(self, words: Words | str) -> str:
        """Words in this language; plain text as it is."""
        return words.into(self.language) if isinstance(words, Words) else words

    def moment(self, value: datetime | str) -> str:
        """``2026-11-22 16:30`` in the hospital's zone; a FHIR date as exact as it is."""
        local = self._local(value)
        return local if isinstance(local, str) else local.strftime("%Y-%m-%d %H:%M")

    def moment_exact(self, value: datetime | str) -> str:
        """``2026-11-22 16:30:05 +08:00``, for receipts and the audit."""
        local = self._local(value)
        if isinstance(local, str):
            return local
        return local.isoformat(sep=" ", timespec="seconds").replace("+", " +")

    def day(self, value: date | datetime | str) -> str:
        """``2026-11-22`` in the hospital's zone; a FHIR year or month stays one."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        local = self._local(value)
        return local if isinstance(local, str) else local.strftime("%Y-%m-%d")

    def waited(self, value: timedelta) -> str:
        """``2 d 3 h``, ``3 h 20 min``: the two largest parts of a wait."""
        days, hours, minutes, none = _WAIT[self.language]
        total = max(0, int(value.total_seconds()) // 60)
        parts = [(total // 1440, days), (total // 60 % 24, hours), (total % 60, minutes)]
        while parts and parts[0][0] == 0:
            parts.pop(0)
        shown = [unit.format(count) for count, unit in parts[:2] if count]
        return " ".join(shown) or none

    def age(self, birth: date, day: date) -> str:
        """Years from the second birthday on, before that months, before that days."""
        years, months, days = _AGE[self.language]
        whole = age_on(birth, day)
        if whole >= 2:
            return years.format(whole)
        passed = (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)
        if passed >= 1:
            return months.format(passed)
        return days.format(max(0, (day - birth).days))

    def number(self, value: Number) -> str:
        """A number with every digit that was reported: 6.30 stays 6.30."""
        if isinstance(value, int):
            return f"{value:,}"
        if isinstance(value, Decimal):
            return f"{value:f}"
        return str(value)

    def quantity(self, value: Number, unit: str | None = None) -> str:
        """A value and its unit, held together by a space that does not break."""
        written = self.unit(unit)
        number = str(value) if isinstance(value, int) else self.number(value)
        if not written:
            return number
        return f"{number}{'' if written in ('%', '°C') else chr(0xA0)}{written}"

    def unit(self, code: str | None) -> str:
        """A UCUM code as it is written on the ward."""
        if not code:
            return ""
        known = _UNITS.get(code)
        if known is not None:
            return known
        return re.sub(r"\{[^}]*\}", "", re.sub(r"\bu(?=[A-Za-z])", "μ", code)) or code

    def percent(self, share: float) -> str:
        """A share of 1 as a whole percentage."""
        return f"{share * 100:.0f}%"

    def _local(self, value: datetime | date | str) -> datetime | str:
        if isinstance(value, str):
            if len(value) <= 10:
                return value
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
        if not isinstance(value, datetime):
            return value.isoformat()
        return value if value.tzinfo is None else value.astimezone(self._zone)
