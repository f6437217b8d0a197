"""The FHIR R4 resources that enter the chart when a draft is signed unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .fhir import LOINC, Moment
from .finding import Urgency
from .measures import Measure

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_SEVERITY = {
    Urgency.CRITICAL: "high",
    Urgency.URGENT: "high",
    Urgency.SOON: "moderate",
    Urgency.ROUTINE: "low",
}
EGFR_LOINC = "98979-8"


def detected_issue(
    patient: str,
    identified: datetime,
    urgency: Urgency,
    words: tuple[Words, Words],
    inputs: Sequence[str],
) -> JSON:
    """A DetectedIssue with ``words`` = (title, text) in Chinese, the English beside it."""
    title, body = words
    return {
        "resourceType": "DetectedIssue",
        "language": "zh-CN",
        "status": "final",
        "code": _bilingual("text", title),
        "severity": _SEVERITY[urgency],
        "patient": {"reference": patient},
        "identifiedDateTime": stamp(identified),
        "implicated": [{"reference": reference} for reference in inputs],
        **_bilingual("detail", body),
    }


def filtration_rate(
    patient: str, creatinine: Measure, rate: int, category: Words, note: Words
) -> JSON:
    """An Observation of eGFR (mL/min/1.73 m², whole) as of the day of its creatinine."""
    code = "L" if rate < 60 else "N"
    return {
        "resourceType": "Observation",
        "language": "zh-CN",
        "status": "final",
        "category": [
            {"coding": [{"system": _OBSERVATION_CATEGORY, "code": "laboratory"}]},
        ],
        "code": {
            "coding": [
                {
                    "system": LOINC,
                    "code": EGFR_LOINC,
                    "display": "Glomerular filtration rate [Volume Rate/Area] in Serum, Plasma or "
                    "Blood by Creatinine-based formula (CKD-EPI 2021)/1.73 sq M",
                }
            ],
            "text": "eGFR (CKD-EPI 2021)",
        },
        "subject": {"reference": patient},
        "effectiveDateTime": _date_time(creatinine.when),
        "valueQuantity": {
            "value": rate,
            "unit": "mL/min/1.73 m²",
            "system": "http://unitsofmeasure.org",
            "code": "mL/min/{1.73_m2}",
        },
        "interpretation": [
            {"coding": [{"system": _INTERPRETATION, "code": code}], **_bilingual("text", category)}
        ],
        "note": [_bilingual("text", note)],
        "derivedFrom": [{"reference": creatinine.reference}],
    }


def _date_time(when: Moment) -> str:
    """A valid R4 dateTime: with seconds and a zone as soon as there is a time of day."""
    return when.at.isoformat(timespec="seconds") if when.timed else when.written


def _bilingual(name: str, words: Words) -> JSON:
    """A string element in Chinese with the standard translation extension for English."""
    if words.en == words.zh:
        return {name: words.zh}
    parts = [
        {"url": "lang", "valueCode": "en"},
        {"url": "content", "valueString": words.en},
    ]
    return {name: words.zh, f"_{name}": {"extension": [{"url": _TRANSLATION, "extension": parts}]}}
