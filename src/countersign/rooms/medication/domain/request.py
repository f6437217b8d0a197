"""An order that was checked, as a FHIR R4 MedicationRequest and in words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from countersign.kit.drugs import SUBSTANCES
from countersign.kit.words import Words

from .order import FREQUENCIES, ROUTES
from .reading import ATC

_TIMES: Mapping[str, tuple[int, int, str]] = {
    "qd": (1, 1, "d"), "bid": (2, 1, "d"), "tid": (3, 1, "d"), "qid": (4, 1, "d"),
    "q4h": (1, 4, "h"), "q6h": (1, 6, "h"), "q8h": (1, 8, "h"), "q12h": (1, 12, "h"),
    "qn": (1, 1, "d"), "qod": (1, 2, "d"), "qw": (1, 1, "wk"),
}  # fmt: skip
"""So often, in so many, of which unit; “at once” is one dose and no rhythm."""

_ROUTES: Mapping[str, tuple[str, str]] = {
    "oral": ("26643006", "Oral route"), "iv": ("47625008", "Intravenous route"),
    "im": ("78421000", "Intramuscular route"), "sc": ("34206005", "Subcutaneous route"),
}  # fmt: skip
"""SNOMED CT, where ``reading`` reads the same codes; other routes are said in words."""

_UNITS: Mapping[str, str] = {"mg": "mg", "g": "g", "µg": "ug", "mL": "mL", "IU": "[iU]"}
"""The units of the form in UCUM."""

_SNOMED, _UCUM = "http://snomed.info/sct", "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as its form was filled in: ``amount`` of ``unit``, ``often`` a frequency's code."""

    text: str
    amount: str = ""
    unit: str = ""
    route: str = ""
    often: str = ""

    @property
    def said(self) -> Words:
        """One line in each language."""
        route, often = ROUTES.get(self.route), FREQUENCIES.get(self.often)
        dose = f"{self.amount} {self.unit}".strip() if self.amount else ""
        parts = [self.text, dose]
        en = [*parts, route.en if route else "", often[1].en if often else ""]
        zh = [*parts, route.zh if route else "", often[1].zh if often else ""]
        return Words(", ".join(filter(None, en)), "，".join(filter(None, zh)))


def request(
    order: Ordered, substances: tuple[str, ...], patient: str, requester: Mapping[str, Any], at: str
) -> dict[str, Any]:
    """The MedicationRequest, active from ``at`` on (a FHIR instant)."""
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _drug(order, substances),
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": at,
        "requester": dict(requester),
        "dosageInstruction": [_dosage(order)],
    }


def _drug(order: Ordered, substances: tuple[str, ...]) -> dict[str, Any]:
    """As she wrote it; with the substance's ATC code where it is one substance with one code."""
    found: dict[str, Any] = {"text": order.text}
    known = [SUBSTANCES[one] for one in substances if one in SUBSTANCES]
    if len(substances) == 1 and len(known) == 1 and len(known[0].atc) == 1:
        code = known[0].atc[0]
        if len(code) == 7:
            found["coding"] = [{"system": ATC, "code": code, "display": known[0].name}]
    return found


def _dosage(order: Ordered) -> dict[str, Any]:
    said = order.said
    found: dict[str, Any] = {"text": f"{said.zh}\n{said.en}"}
    if order.often in FREQUENCIES:
        words = FREQUENCIES[order.often][1]
        repeat: dict[str, Any] = {"count": 1}
        if order.often in _TIMES:
            often, every, unit = _TIMES[order.often]
            repeat = {"frequency": often, "period": every, "periodUnit": unit}
        found["timing"] = {"repeat": repeat, "code": {"text": f"{words.zh} ({words.en})"}}
    if order.route in ROUTES:
        words = ROUTES[order.route]
        route: dict[str, Any] = {"text": f"{words.zh} ({words.en})"}
        if order.route in _ROUTES:
            code, display = _ROUTES[order.route]
            route["coding"] = [{"system": _SNOMED, "code": code, "display": display}]
        found["route"] = route
    if order.amount and order.unit in _UNITS:
        dose = {"value": Decimal(order.amount), "unit": order.unit, "system": _UCUM,
                "code": _UNITS[order.unit]}  # fmt: skip
        found["doseAndRate"] = [{"doseQuantity": dose}]
    return found
