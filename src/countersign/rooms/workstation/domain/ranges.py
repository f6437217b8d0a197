"""Adult reference intervals for results that came without their laboratory's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .sources import ADA_2025, WST, Source


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends belong to the normal; units are the analyte's own.

    ``margin`` is how far outside a value must lie before it is worth a line: the interval is not
    this laboratory's, so small deviations say little. The margins are the house's choice.
    """

    low: Decimal | None
    high: Decimal | None
    margin: Decimal
    source: Source


def _interval(low: str | None, high: str | None, margin: str, source: Source = WST) -> Interval:
    return Interval(
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        Decimal(margin),
        source,
    )


_ANY: Mapping[str, Interval] = {
    "potassium": _interval("3.5", "5.3", "0.1"),
    "sodium": _interval("137", "147", "3"),
    "chloride": _interval("99", "110", "4"),
    "calcium": _interval("2.11", "2.52", "0.08"),
    "phosphate": _interval("0.85", "1.51", "0.2"),
    "magnesium": _interval("0.75", "1.02", "0.05"),
    "protein": _interval("65", "85", "8"),
    "albumin": _interval("40", "55", "6"),
    "leucocytes": _interval("3.5", "9.5", "1.0"),
    "platelets": _interval("125", "350", "25"),
    # Fasting is unknown: hypoglycaemia level 1 and the diagnostic limit of a random sample.
    "glucose": _interval("3.9", "11.0", "0", ADA_2025),
}
_BY_SEX: Mapping[tuple[str, str], Interval] = {
    ("haemoglobin", "male"): _interval("130", "175", "10"),
    ("haemoglobin", "female"): _interval("115", "150", "10"),
    ("alt", "male"): _interval("9", "50", "15"),
    ("alt", "female"): _interval("7", "40", "15"),
    ("ast", "male"): _interval("15", "40", "15"),
    ("ast", "female"): _interval("13", "35", "15"),
    ("alp", "male"): _interval("45", "125", "30"),
    ("bilirubin", "male"): _interval(None, "26.0", "5"),
    ("bilirubin", "female"): _interval(None, "21.0", "5"),
}
_BY_SEX_AND_DECADES: Mapping[tuple[str, str], tuple[tuple[int, int, Interval], ...]] = {
    ("creatinine", "male"): (
        (20, 59, _interval("57", "97", "10")),
        (60, 79, _interval("57", "111", "10")),
    ),
    ("creatinine", "female"): (
        (20, 59, _interval("41", "73", "10")),
        (60, 79, _interval("41", "81", "10")),
    ),
    ("urea", "male"): (
        (20, 59, _interval("3.1", "8.0", "1")),
        (60, 79, _interval("3.6", "9.5", "1")),
    ),
    ("urea", "female"): (
        (20, 59, _interval("2.6", "7.5", "1")),
        (60, 79, _interval("3.1", "8.8", "1")),
    ),
    ("alp", "female"): (
        (20, 49, _interval("35", "100", "30")),
        (50, 79, _interval("50", "135", "30")),
    ),
}
# A low enzyme, creatinine, urea or bilirubin is not a finding by itself.
_HIGH_ONLY = {"alt", "ast", "alp", "creatinine", "urea", "bilirubin"}


def default_interval(key: str, sex: str | None, age: int | None) -> Interval | None:
    """The interval for an analyte's key, or None for children and where none is published.

    Where sex or age is unknown, or no interval is published for that age, the widest of those
    that could apply is taken: it errs towards saying nothing, never towards a false alarm.
    """
    if age is not None and age < 18:
        return None
    found = _ANY.get(key) or _widest(_candidates(key, sex, age))
    if found is not None and key in _HIGH_ONLY:
        return Interval(None, found.high, found.margin, found.source)
    return found


def _candidates(key: str, sex: str | None, age: int | None) -> list[Interval]:
    sexes = (sex,) if sex else ("male", "female")
    found = [_BY_SEX[key, each] for each in sexes if (key, each) in _BY_SEX]
    bands = [band for each in sexes for band in _BY_SEX_AND_DECADES.get((key, each), ())]
    fitting = [band for band in bands if age is not None and band[0] <= age <= band[1]]
    return found + [interval for _, _, interval in fitting or bands]


def _widest(found: list[Interval]) -> Interval | None:
    if not found:
        return None
    lows = [item.low for item in found if item.low is not None]
    highs = [item.high for item in found if item.high is not None]
    return Interval(
        min(lows) if len(lows) == len(found) else None,
        max(highs) if len(highs) == len(found) else None,
        found[0].margin,
        found[0].source,
    )
