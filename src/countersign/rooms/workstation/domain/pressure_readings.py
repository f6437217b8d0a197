"""Blood pressure readings out of Observations with two components."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from countersign.kit.json import JSON

from .fhir import LOINC, Moment, codings, number, record, rows, text
from .measures import Report, Unread, rounded
from .units import ucum

PANELS = {"85354-9", "55284-4"}
_SYSTOLIC, _DIASTOLIC = "8480-6", "8462-4"
_UNITS = {"mm[Hg]": Decimal(1), "kPa": Decimal("7.50062")}
# Outside these a reading is a slip of the pen or a wrong unit; the house's bounds.
_LOWEST, _HIGHEST = 20, 350


@dataclass(frozen=True, slots=True)
class Reading:
    """Systolic and diastolic pressure in whole mmHg."""

    systolic: int
    diastolic: int
    when: Moment
    reference: str
    preliminary: bool


def read_pressure(resource: JSON, report: Report) -> Reading | Unread | None:
    """The reading, or why it cannot be used; None when a component is missing."""
    found: dict[str, JSON] = {}
    for item in rows(resource.get("component")):
        for system, code, _ in codings(record(item).get("code")):
            if system == LOINC and code in (_SYSTOLIC, _DIASTOLIC):
                found[code] = record(record(item).get("valueQuantity"))
    if len(found) != 2:
        return None
    systolic, diastolic = _mmhg(found[_SYSTOLIC]), _mmhg(found[_DIASTOLIC])
    if systolic is None or diastolic is None:
        unit = text(found[_SYSTOLIC].get("unit")) or text(found[_SYSTOLIC].get("code"))
        return Unread("pressure", "unit", report.when.day, unit[:40])
    if not _LOWEST <= diastolic < systolic <= _HIGHEST:
        return Unread("pressure", "implausible", report.when.day, "mmHg")
    return Reading(systolic, diastolic, report.when, report.reference, report.preliminary)


def _mmhg(quantity: JSON) -> int | None:
    """Whole mmHg; a comparator or an unknown unit makes the number unusable."""
    value = number(quantity.get("value"))
    unit = ucum((text(quantity.get("code")) or text(quantity.get("unit")))[:40])
    if value is None or unit not in _UNITS or quantity.get("comparator"):
        return None
    return int(rounded(value * _UNITS[unit], 0))
