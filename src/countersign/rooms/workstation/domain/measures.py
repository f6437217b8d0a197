"""Numeric results as the rules see them: one unit, one moment, the laboratory's own limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .analytes import BY_LOINC, Analyte
from .fhir import Moment, codes, codings, loinc_codes, number, record, rows, text, wording
from .units import ucum

Flag = Literal["", "N", "L", "H", "LL", "HH", "A", "AA"]
Trouble = Literal["unit", "implausible", "future", "undated", "form"]

_FLAGS: dict[str, Flag] = {
    "N": "N",
    "L": "L",
    "H": "H",
    "LL": "LL",
    "HH": "HH",
    "A": "A",
    "AA": "AA",
    "LU": "L",
    "HU": "H",
    "↓": "L",
    "↑": "H",
    "偏低": "L",
    "偏高": "H",
    "正常": "N",
}
_COMPARATORS = {"", "<", "<=", ">", ">="}
_LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class Range:
    """A laboratory's own interval in the analyte's unit; both ends belong to the normal."""

    low: Decimal | None
    high: Decimal | None
    unit_assumed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What the values of one Observation share."""

    when: Moment
    reference: str
    preliminary: bool
    dated_by_issue: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One result.

    ``exact`` is unrounded and ``value`` is what is shown and compared, both in the analyte's
    unit; ``given`` and ``given_unit`` are as the laboratory wrote them. ``holder`` is the
    Observation or component that it was read from.
    """

    analyte: Analyte
    exact: Decimal
    value: Decimal
    given: Decimal
    given_unit: str
    comparator: str
    report: Report
    holder: JSON = field(repr=False, compare=False)

    @property
    def when(self) -> Moment:
        """When the specimen was taken."""
        return self.report.when

    @property
    def reference(self) -> str:
        """The Observation's own version."""
        return self.report.reference

    @property
    def may_exceed(self) -> bool:
        """True unless the value is only an upper bound, such as “< 3.0”."""
        return self.comparator not in ("<", "<=")

    @property
    def may_undercut(self) -> bool:
        """True unless the value is only a lower bound, such as “> 3.0”."""
        return self.comparator not in (">", ">=")

    @property
    def is_point(self) -> bool:
        """True for a number that may enter an equation or a difference."""
        return self.comparator == ""

    @property
    def flag(self) -> Flag:
        """The laboratory's own judgement; empty when it gave none."""
        for concept in rows(self.holder.get("interpretation")):
            for code in sorted(codes(concept)):
                if code in _FLAGS:
                    return _FLAGS[code]
            said = text(record(concept).get("text")).strip()
            if said in _FLAGS:
                return _FLAGS[said]
        return ""

    @property
    def range(self) -> Range | None:
        """The one normal interval that came with the value; several, or none, give None."""
        items = map(record, rows(self.holder.get("referenceRange")))
        found = [item for item in items if _is_normal(item)]
        if len(found) != 1:
            return None
        low, low_assumed = _end(found[0].get("low"), self.analyte, self.given_unit)
        high, high_assumed = _end(found[0].get("high"), self.analyte, self.given_unit)
        if low is None and high is None or (low is not None and high is not None and low > high):
            return None
        return Range(low, high, low_assumed or high_assumed)


@dataclass(frozen=True, slots=True)
class Unread:
    """A result that no rule uses, and why."""

    key: str
    trouble: Trouble
    day: str
    unit: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that belongs to an analyte and is not yet read: most charts hold far more values
    than any rule looks at."""

    analyte: Analyte
    holder: JSON
    report: Report


def rounded(value: Decimal, places: int) -> Decimal:
    """Half away from zero, as laboratories report."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def at_most(value: Decimal, places: int) -> Decimal:
    """The value as written, with no exponent and no more than so many decimals."""
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else places
    return rounded(value, max(0, min(places, decimals)))


def analyte_of(holder: JSON, resource: JSON) -> Analyte | None:
    """The analyte of an Observation or component that has a quantity.

    By LOINC only, since a name may mean blood or urine; another laboratory result is an analyte
    of its own if a flag or an interval came with it.
    """
    if "valueQuantity" not in holder:
        return None
    for code in loinc_codes(holder.get("code")):
        if code in BY_LOINC:
            return BY_LOINC[code]
    return _foreign(holder, resource)


def read_measure(candidate: Candidate) -> Measure | Unread:
    """The result, or why it cannot be used."""
    analyte, report = candidate.analyte, candidate.report
    quantity = record(candidate.holder.get("valueQuantity"))
    given, comparator = number(quantity.get("value")), text(quantity.get("comparator"))
    unit = unit_of(quantity, analyte)
    said = (text(quantity.get("unit")) or text(quantity.get("code")))[:40]
    if given is None or comparator not in _COMPARATORS:
        return Unread(analyte.key, "form", report.when.day, said)
    if unit is None:
        return Unread(analyte.key, "unit", report.when.day, said)
    exact = _converted(given, analyte, unit)
    if not analyte.plausible[0] <= exact <= analyte.plausible[1]:
        return Unread(analyte.key, "implausible", report.when.day, said)
    native = unit == analyte.unit
    return Measure(
        analyte=analyte,
        exact=exact,
        value=at_most(exact, analyte.places + 1) if native else rounded(exact, analyte.places),
        given=at_most(given, analyte.places + 1 if native else 2),
        given_unit=unit,
        comparator=comparator,
        report=report,
        holder=candidate.holder,
    )


def unit_of(quantity: JSON, analyte: Analyte) -> str | None:
    """The UCUM code of a quantity if the analyte can be read in it.

    The code counts before the printed unit. Where both can be read and contradict each other
    the value is not read at all.
    """
    found: list[str] = []
    for written in (text(quantity.get("code")), text(quantity.get("unit"))):
        unit = ucum(written[:40])
        if written and unit in analyte.conversions and unit not in found:
            found.append(unit)
    if len({analyte.conversions[unit] for unit in found}) == 1:
        return found[0]
    nothing_written = not text(quantity.get("code")) and not text(quantity.get("unit"))
    return "" if nothing_written and "" in analyte.conversions else None


def _converted(value: Decimal, analyte: Analyte, unit: str) -> Decimal:
    factor, offset = analyte.conversions[unit]
    return value * factor + offset


def _is_normal(item: JSON) -> bool:
    kind = codes(item.get("type"))
    bounded = "low" in item or "high" in item
    return bounded and (not kind or "normal" in kind) and "age" not in item


def _end(value: Any, analyte: Analyte, unit: str) -> tuple[Decimal | None, bool]:
    quantity = record(value)
    limit = number(quantity.get("value"))
    if limit is None:
        return None, False
    own = unit_of(quantity, analyte)
    if own is None:
        unwritten = not text(quantity.get("code")) and not text(quantity.get("unit"))
        return (_converted(limit, analyte, unit), True) if unwritten else (None, False)
    return _converted(limit, analyte, own), False


def _foreign(holder: JSON, resource: JSON) -> Analyte | None:
    """A result outside the table: readable only by its own flag or interval, in its own unit."""
    if "referenceRange" not in holder and "interpretation" not in holder:
        return None
    kinds = [codes(concept) for concept in rows(resource.get("category"))]
    if kinds and not any(_LABORATORY in kind for kind in kinds):
        return None
    name, quantity = wording(holder.get("code")), record(holder.get("valueQuantity"))
    written = text(quantity.get("code")) or text(quantity.get("unit"))
    if not name:
        return None
    unit, shown = ucum(written[:40]), (text(quantity.get("unit")) or written)[:40]
    code = next((code for _, code, _ in codings(holder.get("code")) if code), name)
    table = {unit: (Decimal(1), Decimal(0))}
    bounds = (Decimal(-(10**9)), Decimal(10**9))
    return Analyte(f"other:{code}:{unit}", Words(name, name), unit, shown, 3, table, bounds)
