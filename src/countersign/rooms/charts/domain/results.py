"""Laboratory results and vital signs: the latest value, its range, its trend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from countersign.kit.dates import BadDate, interval
from countersign.kit.json import JSON
from countersign.kit.words import Language

from .reading import codes, concept, first, labels, number, objects, text, when

Flag = Literal["", "L", "H", "LL", "HH", "A", "AA"]
"""HL7 v3 ObservationInterpretation codes; empty for what is not out of range."""
VITAL = "vital-signs"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_FLAGS: dict[str, Flag] = {
    "L": "L", "H": "H", "LL": "LL", "HH": "HH", "A": "A", "AA": "AA", "<": "L", ">": "H",
    "LU": "LL", "HU": "HH", "POS": "A",
}  # fmt: skip
CRITICAL = ("LL", "HH", "AA")


@dataclass(frozen=True, slots=True)
class Point:
    """One measured value as it is shown; ``value`` and ``at`` are None where there is none.

    ``when`` is the time as the sender wrote it, which may be a day alone.
    """

    at: datetime | None
    when: str
    shown: str
    value: Decimal | None
    flag: Flag
    reference: str


@dataclass(frozen=True, slots=True)
class Series:
    """All values of one code in one unit, the newest first."""

    key: str
    name: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    range_text: str
    vital: bool
    points: tuple[Point, ...]

    @property
    def latest(self) -> Point:
        """The newest value."""
        return self.points[0]

    @property
    def trend(self) -> tuple[Point, ...]:
        """The values that can be drawn, the oldest first; empty when there is only one."""
        drawn = [one for one in self.points if one.value is not None and one.at is not None]
        return tuple(reversed(drawn)) if len(drawn) > 1 else ()


def series(observations: Iterable[JSON], language: Language) -> list[Series]:
    """The results grouped by code and unit, flagged ones and fresh ones first.

    Results entered in error or cancelled are left out, as FHIR asks of every reader.
    """
    groups: dict[tuple[str, str], list[tuple[JSON, JSON]]] = defaultdict(list)
    for observation in observations:
        if observation.get("status") in ("entered-in-error", "cancelled"):
            continue
        for part in _parts(observation):
            code = next(iter(codes(part.get("code"))), concept(part.get("code"), "en"))
            unit = text(first(part.get("valueQuantity")).get("unit"))
            groups[code, unit].append((observation, part))
    made = [_series(key, pairs, language) for key, pairs in groups.items()]
    return sorted(made, key=lambda one: (-_day(one), one.latest.flag == "", one.name))


def _day(one: Series) -> int:
    return one.latest.at.toordinal() if one.latest.at else 0


def _parts(observation: JSON) -> list[JSON]:
    components = objects(observation.get("component"))
    return components if components and not _shown(observation, "en") else [observation]


def _series(key: tuple[str, str], pairs: list[tuple[JSON, JSON]], language: Language) -> Series:
    points = [_point(observation, part, language) for observation, part in pairs]
    ordered = sorted(points, key=lambda one: one.at or _LONG_AGO, reverse=True)
    newest_observation, newest = max(pairs, key=lambda pair: _moment(pair[0]) or _LONG_AGO)
    low, high, words = _range(newest)
    categories = codes(newest_observation.get("category"))
    return Series(
        key="|".join(key),
        name=concept(newest.get("code"), language),
        unit=key[1],
        low=low,
        high=high,
        range_text=words,
        vital=VITAL in categories,
        points=tuple(ordered),
    )


def _point(observation: JSON, part: JSON, language: Language) -> Point:
    value = number(first(part.get("valueQuantity")).get("value"))
    return Point(
        at=_moment(observation),
        when=_when(observation),
        shown=_shown(part, language),
        value=value,
        flag=_flag(part, value),
        reference=f"Observation/{text(observation.get('id'))}",
    )


def _when(observation: JSON) -> str:
    return when(observation, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")


def _moment(observation: JSON) -> datetime | None:
    text = _when(observation)
    try:
        return interval(text).low if text else None
    except BadDate:
        return None


def _shown(part: JSON, language: Language) -> str:
    quantity = first(part.get("valueQuantity"))
    value = number(quantity.get("value"))
    if value is not None:
        return f"{text(quantity.get('comparator'))}{_short(value)}"
    if "valueCodeableConcept" in part:
        return concept(part["valueCodeableConcept"], language)
    for name in ("valueString", "valueDateTime", "valueTime"):
        if text(part.get(name)):
            return text(part.get(name))
    for name in ("valueInteger", "valueBoolean"):
        if name in part:
            return str(part[name])
    return concept(part.get("dataAbsentReason"), language)


def _short(value: Decimal) -> str:
    """A generated 78.7312842 reads 78.731; 6.30 stays 6.30 and 0.00042 stays 0.00042.

    At most three decimals, or as many as three significant digits take: rounding may never
    make a measured value nothing.
    """
    exponent = value.as_tuple().exponent
    places = max(3, 2 - value.adjusted())
    if isinstance(exponent, int) and exponent < -places:
        value = round(value, places)
    return format(value, "f")


def _flag(part: JSON, value: Decimal | None) -> Flag:
    for code in codes(part.get("interpretation")):
        if code in _FLAGS:
            return _FLAGS[code]
    low, high, _ = _range(part)
    if value is None:
        return ""
    if low is not None and value < low:
        return "L"
    if high is not None and value > high:
        return "H"
    return ""


def _range(part: JSON) -> tuple[Decimal | None, Decimal | None, str]:
    given = first(part.get("referenceRange"))
    low = number(first(given.get("low")).get("value"))
    high = number(first(given.get("high")).get("value"))
    words = text(given.get("text"))
    if not words and low is not None and high is not None:
        words = f"{low}–{high}"
    elif not words and (low is not None or high is not None):
        words = f"≥ {low}" if low is not None else f"≤ {high}"
    return low, high, words


def asserted_by_ai(resource: JSON) -> bool:
    """Whether the resource carries HL7's label for what a model asserted."""
    return "AIAST" in labels(resource)
