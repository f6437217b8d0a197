"""Measurements as Observations: laboratory results, vital signs and function tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from countersign.app.demonstration.coding import HL7, LOINC, instant, quantity
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Finding, Story
from countersign.app.demonstration.tables.analyte import Analyte, Range
from countersign.app.demonstration.tables.analytes import ANALYTES
from countersign.kit.json import JSON

_CATEGORIES = {"laboratory": "Laboratory", "vital-signs": "Vital Signs", "exam": "Exam"}
_FLAGS = {
    "LL": ("Critical low", "危急低值"),
    "L": ("Low", "偏低"),
    "N": ("Normal", "正常"),
    "H": ("High", "偏高"),
    "HH": ("Critical high", "危急高值"),
}
_PRESSURE = "Blood pressure panel with all children optional"


def measure(
    story: Story,
    contact: Contact,
    key: str,
    when: datetime,
    issued: datetime,
    performer: JSON,
    sensitivity: str | None = None,
) -> JSON:
    """One quantity read from the body at ``when``, flagged against its reference range."""
    analyte = ANALYTES[key]
    value, flag = _reading(story, contact, analyte, when)
    body = _frame(story, contact, analyte.category, when, issued, performer)
    body["code"] = _code(analyte)
    body["valueQuantity"] = quantity(value, analyte.unit or "INR", analyte.ucum)
    body |= _judged(analyte, flag, analyte.range_for(story.subject.female, story.body.age(when)))
    return story.record.add("Observation", body, sensitivity)


def vitals(
    story: Story,
    contact: Contact,
    when: datetime,
    *keys: str,
) -> None:
    """Blood pressure, and whatever else is named, measured at the bedside."""
    performer = {
        "reference": contact.department.organization,
        "display": contact.department.name.zh,
    }
    _pressure(story, contact, when, performer)
    for key in keys:
        measure(story, contact, key, when, when + timedelta(minutes=2), performer)


def _reading(
    story: Story, contact: Contact, analyte: Analyte, when: datetime
) -> tuple[Decimal, str]:
    value = story.body.at(analyte.key, when)
    flag = analyte.flag(value, story.subject.female, story.body.age(when))
    contact.findings.append(Finding(analyte, value, flag, when))
    return value, flag


def _code(analyte: Analyte) -> JSON:
    coding = {"system": LOINC, "code": analyte.loinc, "display": analyte.name.en}
    return {"coding": [coding], "text": analyte.name.zh}


def _frame(
    story: Story,
    contact: Contact,
    category: str,
    when: datetime,
    issued: datetime,
    performer: JSON,
) -> JSON:
    system = HL7 + "observation-category"
    coding = {"system": system, "code": category, "display": _CATEGORIES[category]}
    return {
        "status": "final",
        "category": [{"coding": [coding]}],
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "effectiveDateTime": instant(when),
        "issued": instant(issued),
        "performer": [performer],
    }


def _judged(analyte: Analyte, flag: str, limits: Range | None) -> JSON:
    if limits is None or not flag:
        return {}
    en, zh = _FLAGS[flag]
    coding = {"system": HL7 + "v3-ObservationInterpretation", "code": flag, "display": en}
    found: JSON = {"text": f"{limits_text(analyte, limits)}（{analyte.source}）"}
    unit = (analyte.unit or "INR", analyte.ucum)
    if limits.low is not None:
        found["low"] = quantity(limits.low, *unit)
    if limits.high is not None:
        found["high"] = quantity(limits.high, *unit)
    return {
        "interpretation": [{"coding": [coding], "text": zh}],
        "referenceRange": [found],
    }


def limits_text(analyte: Analyte, limits: Range) -> str:
    """Such as ``57–97 µmol/L`` or ``≤ 5.20 mmol/L``."""
    unit = f" {analyte.unit}" if analyte.unit else ""
    if limits.low is None:
        return f"≤ {limits.high}{unit}"
    if limits.high is None:
        return f"≥ {limits.low}{unit}"
    return f"{limits.low}–{limits.high}{unit}"


def _pressure(story: Story, contact: Contact, when: datetime, performer: JSON) -> None:
    issued = when + timedelta(minutes=2)
    components: list[JSON] = []
    for key in ("systolic", "diastolic"):
        analyte = ANALYTES[key]
        value, flag = _reading(story, contact, analyte, when)
        limits = analyte.range_for(story.subject.female, story.body.age(when))
        component: JSON = {"code": _code(analyte)}
        component["valueQuantity"] = quantity(value, analyte.unit, analyte.ucum)
        components.append(component | _judged(analyte, flag, limits))
    body = _frame(story, contact, "vital-signs", when, issued, performer)
    coding = {"system": LOINC, "code": "85354-9", "display": _PRESSURE}
    body["code"] = {"coding": [coding], "text": "血压"}
    body["component"] = components
    story.record.add("Observation", body)
