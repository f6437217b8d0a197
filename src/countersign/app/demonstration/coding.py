"""Codes, concepts, quantities and moments in the one shape that all demonstration resources use."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from countersign.kit.json import JSON
from countersign.kit.words import Words

LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
CVX = "http://hl7.org/fhir/sid/cvx"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
DEPARTMENT = "urn:countersign:department"
PERSON = "urn:countersign:person"
MRN = "urn:countersign:mrn"
CHINA = timezone(timedelta(hours=8))
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def english(text: str) -> JSON:
    """The sibling of a Chinese string (``_text`` and its like) that holds its English."""
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": _TRANSLATION, "extension": parts}]}


def said(words: Words) -> JSON:
    """A CodeableConcept without a code: Chinese ``text`` and its English translation."""
    return {"text": words.zh, "_text": english(words.en)}


def concept(system: str, code: str, words: Words) -> JSON:
    """A code whose official display is English (LOINC, ATC, ICD-9); ``text`` is Chinese."""
    return {"coding": [{"system": system, "code": code, "display": words.en}], "text": words.zh}


def diagnosis_code(code: str, words: Words) -> JSON:
    """An ICD-10 code with its Chinese display and the English translation of both."""
    coding = {"system": ICD10, "code": code, "display": words.zh, "_display": english(words.en)}
    return {"coding": [coding], **said(words)}


def department_code(code: str, words: Words) -> JSON:
    """A department of the hospital as a concept."""
    coding = {
        "system": DEPARTMENT,
        "code": code,
        "display": words.zh,
        "_display": english(words.en),
    }
    return {"coding": [coding], **said(words)}


def hl7(table: str, code: str, display: str) -> JSON:
    """A concept of an HL7 terminology table."""
    return {"coding": [{"system": HL7 + table, "code": code, "display": display}]}


def quantity(value: Decimal, unit: str, ucum: str) -> JSON:
    """A measured quantity with its UCUM code."""
    return {"value": value, "unit": unit, "system": UCUM, "code": ucum}


def instant(moment: datetime) -> str:
    """A FHIR dateTime in the hospital's zone, to the second."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def day(moment: datetime | date) -> str:
    """A FHIR date in the hospital's zone."""
    if isinstance(moment, datetime):
        return moment.astimezone(CHINA).date().isoformat()
    return moment.isoformat()


def chinese_day(moment: datetime) -> str:
    """Such as 2026年3月4日."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"
