"""Small charts for the tests of the rules, written the way hospitals send them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from countersign.rooms.workstation.domain import Finding, Thresholds, review

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ME = "wang-1"
CODES = {
    "potassium": ("2823-3", "mmol/L"),
    "sodium": ("2951-2", "mmol/L"),
    "calcium": ("2000-8", "mmol/L"),
    "magnesium": ("2601-3", "mmol/L"),
    "glucose": ("14749-6", "mmol/L"),
    "creatinine": ("14682-9", "umol/L"),
    "haemoglobin": ("718-7", "g/L"),
    "platelets": ("777-3", "10*9/L"),
    "leucocytes": ("6690-2", "10*9/L"),
    "inr": ("6301-6", "{INR}"),
    "hba1c": ("4548-4", "%"),
    "alt": ("1742-6", "U/L"),
    "ph": ("2744-1", "[pH]"),
    "acr": ("9318-7", "mg/g"),
    "digoxin": ("10535-3", "ng/mL"),
    "urea": ("22664-7", "mmol/L"),
}
_numbers = itertools.count(1)

JSON = dict[str, Any]


def person(sex: str | None = "male", birth: str | None = "1966-05-01", **more: Any) -> JSON:
    said = {"resourceType": "Patient", "id": ME, "meta": {"versionId": "1"}, **more}
    if sex:
        said["gender"] = sex
    if birth:
        said["birthDate"] = birth
    return said


def ago(days: float = 0, hours: float = 0) -> str:
    return (NOW - timedelta(days=days, hours=hours)).isoformat()


def lab(
    what: str,
    value: Any,
    unit: str | None = None,
    *,
    days: float = 0,
    hours: float = 1,
    **more: Any,
) -> JSON:
    """A final laboratory Observation; ``loinc`` and ``when`` may be given instead."""
    code, usual = CODES.get(what, (what, ""))
    written = usual if unit is None else unit
    quantity = {
        "value": value,
        "unit": written,
        "system": "http://unitsofmeasure.org",
        "code": written,
    }
    return {
        "resourceType": "Observation",
        "id": f"o{next(_numbers)}",
        "meta": {"versionId": "1"},
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": more.pop("loinc", code)}]},
        "subject": {"reference": f"Patient/{ME}"},
        "effectiveDateTime": more.pop("when", ago(days, hours)),
        "valueQuantity": quantity,
        **more,
    }


def blood_pressure(systolic: float, diastolic: float, *, days: float = 0, **more: Any) -> JSON:
    def part(code: str, value: float) -> JSON:
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg", "code": "mm[Hg]"},
        }

    return {
        "resourceType": "Observation",
        "id": f"b{next(_numbers)}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": {"reference": f"Patient/{ME}"},
        "effectiveDateTime": ago(days, 1),
        "component": [part("8480-6", systolic), part("8462-4", diastolic)],
        **more,
    }


def taking(name: str, *, days: float = 30, **more: Any) -> JSON:
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{next(_numbers)}",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": {"reference": f"Patient/{ME}"},
        "authoredOn": ago(days),
        **more,
    }


def problem(code: str, system: str = "http://snomed.info/sct", **more: Any) -> JSON:
    return {
        "resourceType": "Condition",
        "id": f"c{next(_numbers)}",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": system, "code": code}], "text": more.pop("name", code)},
        "subject": {"reference": f"Patient/{ME}"},
        "recordedDate": ago(100),
        **more,
    }


def named_problem(name: str, **more: Any) -> JSON:
    return {**problem("x", **more), "code": {"text": name}}


def allergic(name: str, **more: Any) -> JSON:
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"a{next(_numbers)}",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": name},
        "patient": {"reference": f"Patient/{ME}"},
        **more,
    }


def found(*chart: JSON, who: JSON | None = None, **limits: Any) -> tuple[Finding, ...]:
    """The findings of a chart at NOW; ``limits`` are the hospital's own thresholds."""
    return review([who or person(), *chart], NOW, Thresholds(**limits))


def of_kind(kind: str, *chart: JSON, **more: Any) -> Finding | None:
    """The one finding of a kind, or None; fails when there are several."""
    same = [finding for finding in found(*chart, **more) if finding.kind == kind]
    assert len(same) <= 1, [finding.title.en for finding in same]
    return same[0] if same else None


def said(finding: Finding) -> str:
    """Everything that a reader of the English page could see of the limits."""
    return " ".join(limit.en for limit in finding.limits)


def reference(resource: JSON) -> str:
    version = resource.get("meta", {}).get("versionId")
    plain = f"{resource['resourceType']}/{resource['id']}"
    return f"{plain}/_history/{version}" if version else plain
