"""The shape of something measured: its code, unit and reference ranges by sex and age."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from countersign.kit.words import Words

DEMONSTRATION = "演示参考区间"


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; None where a side is open."""

    sex: str
    age: int
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Analyte:
    """One quantity; ``places`` decimals; ``cv`` is the spread within one person.

    ``usual`` is (mean, standard deviation) among the healthy; ``critical`` is the pair of
    limits beyond which the laboratory telephones; ``source`` names where the range is from.
    """

    key: str
    loinc: str
    name: Words
    unit: str
    ucum: str
    places: int
    ranges: tuple[Range, ...]
    usual: tuple[float, float]
    cv: float
    source: str
    critical: tuple[float | None, float | None]
    category: str

    def range_for(self, female: bool, age: int) -> Range | None:
        """The last range that applies to a person of this sex and age."""
        sex = "f" if female else "m"
        fitting = [one for one in self.ranges if one.sex in ("", sex) and age >= one.age]
        return fitting[-1] if fitting else None

    def rounded(self, value: float) -> Decimal:
        """The value as the laboratory prints it, never below zero."""
        return Decimal(f"{max(value, 0.0):.{self.places}f}")

    def flag(self, value: Decimal, female: bool, age: int) -> str:
        """``LL`` ``L`` ``N`` ``H`` or ``HH``; empty where there is no range."""
        low, high = self.critical
        if low is not None and value < Decimal(str(low)):
            return "LL"
        if high is not None and value > Decimal(str(high)):
            return "HH"
        limits = self.range_for(female, age)
        if limits is None:
            return ""
        if limits.low is not None and value < limits.low:
            return "L"
        return "H" if limits.high is not None and value > limits.high else "N"


def measured(
    key: str,
    loinc: str,
    en: str,
    zh: str,
    unit: str,
    places: int,
    ranges: str,
    *,
    source: str = DEMONSTRATION,
    ucum: str | None = None,
    usual: tuple[float, float] | None = None,
    cv: float = 0.05,
    critical: tuple[float | None, float | None] = (None, None),
    category: str = "laboratory",
) -> Analyte:
    """An analyte from ranges such as ``m 57 97; m60 57 111; f 41 73`` (``-`` is an open side)."""
    parsed = tuple(_range(part.split()) for part in ranges.split(";") if part.strip())
    return Analyte(
        key,
        loinc,
        Words(en, zh),
        unit,
        ucum or unit,
        places,
        parsed,
        usual or _middle(parsed[0]),
        cv,
        source,
        critical,
        category,
    )


def _range(words: list[str]) -> Range:
    who, low, high = words if len(words) == 3 else ("", *words)
    sex = who[:1]
    return Range(
        sex,
        int(who[1:] or 0),
        None if low == "-" else Decimal(low),
        None if high == "-" else Decimal(high),
    )


def _middle(limits: Range) -> tuple[float, float]:
    if limits.high is None or limits.low is None:
        bound = float(limits.high or limits.low or 1)
        return bound * 0.5, bound * 0.1
    low, high = float(limits.low), float(limits.high)
    return (low + high) / 2, (high - low) / 9
