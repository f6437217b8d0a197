"""Small bilingual phrases of which every draft is made."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from countersign.kit.words import Words

from .measures import Measure
from .medicines import Medicine

_GIVEN_UNITS = {"umol/L": "µmol/L", "10*9/L": "×10⁹/L", "10*3/uL": "×10³/µL", "[pH]": ""}


def sentences(*parts: Words | None) -> Words:
    """One paragraph; absent parts are left out."""
    said = [part for part in parts if part is not None]
    return Words(" ".join(part.en for part in said), "".join(part.zh for part in said))


def listed(parts: Iterable[Words]) -> Words:
    """An enumeration within a sentence."""
    said = list(parts)
    return Words("; ".join(part.en for part in said), "；".join(part.zh for part in said))


def lines(parts: Iterable[Words]) -> Words:
    """One line each."""
    said = list(parts)
    return Words("\n".join(part.en for part in said), "\n".join(part.zh for part in said))


def plain(value: Decimal) -> str:
    """A number without an exponent."""
    return f"{value:f}"


def quantity(value: Decimal, unit: str) -> str:
    """A number and its unit; per cent without a space, as both languages are used to."""
    if not unit:
        return plain(value)
    return f"{plain(value)}{unit}" if unit == "%" else f"{plain(value)} {unit}"


def amount(measure: Measure) -> str:
    """The value as the laboratory wrote it and, where that differs, in the rules' unit."""
    analyte = measure.analyte
    sign = {"<=": "≤ ", ">=": "≥ ", "<": "< ", ">": "> "}.get(measure.comparator, "")
    if measure.given_unit == analyte.unit:
        return sign + quantity(measure.value, analyte.shown)
    shown = _GIVEN_UNITS.get(measure.given_unit, measure.given_unit)
    given = sign + quantity(measure.given, shown)
    if analyte.conversions[measure.given_unit] == (Decimal(1), Decimal(0)):
        return given
    return f"{given} ({sign}{quantity(measure.value, analyte.shown)})"


def value(measure: Measure) -> Words:
    """“Potassium 6.8 mmol/L”."""
    name, said = measure.analyte.name, amount(measure)
    return Words(f"{name.en} {said}", f"{name.zh} {said}")


def result(measure: Measure) -> Words:
    """“Potassium 6.8 mmol/L (2026-11-22 08:10)”."""
    said, when = value(measure), measure.when.minute
    return Words(f"{said.en} ({when})", f"{said.zh}（{when}）")


def names(medicines: Iterable[Medicine]) -> Words:
    """The names of medicines as the chart writes them, each once."""
    said = list(dict.fromkeys(medicine.name for medicine in medicines))
    return Words("; ".join(said), "；".join(said)) if said else Words("none", "无")
