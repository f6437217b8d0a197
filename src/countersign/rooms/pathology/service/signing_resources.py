"""What a signed answer about a slide becomes in the chart: Observations and the report of them.

Codes. Ki-67: LOINC 29593-1, Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain. Report: LOINC
60568-3, Pathology Synoptic report. Figures for which no code is sure are given in words alone.
The report names its slide by the slide's identifier in this house, for there may be several of one
specimen.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from countersign.ground.slides import SLIDE_SYSTEM
from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .reporting import Figure

LOINC: Final = "http://loinc.org"
KI67: Final = ("29593-1", "Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain")
REPORT: Final = ("60568-3", "Pathology Synoptic report")
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_SECTION: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"


def resources(
    patient: str,
    specimen: str,
    slide: str,
    title: Words,
    text: Words,
    figures: tuple[Figure, ...],
    now: datetime,
) -> tuple[JSON, ...]:
    """One Observation for each figure with a value, then the DiagnosticReport that names them."""
    measured = [one for one in figures if one.value is not None]
    common: JSON = {
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": stamp(now),
        **({"specimen": {"reference": specimen}} if specimen else {}),
    }
    observations = [_observation(one, common) for one in measured]
    report: JSON = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": [{"coding": [{"system": _SECTION, "code": "SP"}]}],
        "code": _concept(REPORT, title),
        "subject": common["subject"],
        "effectiveDateTime": common["effectiveDateTime"],
        "result": [{"reference": f"Observation/draft-{at}"} for at in range(len(observations))],
        "conclusion": f"{text.zh}\n\n{text.en}",
        "media": [
            {"link": {"type": "Media", "identifier": {"system": SLIDE_SYSTEM, "value": slide}}}
        ],
        **({"specimen": [common["specimen"]]} if specimen else {}),
    }
    return (*observations, report)


def _observation(figure: Figure, common: JSON) -> JSON:
    made: JSON = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": _concept(KI67 if figure.code == "ki67" else None, figure.title),
        **common,
        "valueQuantity": _quantity(figure.value or 0.0, figure.unit),
    }
    if figure.low is not None and figure.high is not None:
        made["component"] = [
            _end(Words("95 % interval, lower end", "95 % 区间下限"), figure.low, figure.unit),
            _end(Words("95 % interval, upper end", "95 % 区间上限"), figure.high, figure.unit),
        ]
    return made


def _end(title: Words, value: float, unit: str) -> JSON:
    return {"code": {"text": f"{title.zh} {title.en}"}, "valueQuantity": _quantity(value, unit)}


def _quantity(value: float, unit: str) -> JSON:
    return {
        "value": round(value, 2),
        "unit": unit or "1",
        "system": "http://unitsofmeasure.org",
        "code": _UCUM.get(unit, unit),
    }


_UCUM: Final = {"": "1", "mm²": "mm2", "/mm²": "/mm2"}


def _concept(code: tuple[str, str] | None, title: Words) -> JSON:
    made: JSON = {"text": f"{title.zh} {title.en}"}
    if code is not None:
        made["coding"] = [{"system": LOINC, "code": code[0], "display": code[1]}]
    return made
