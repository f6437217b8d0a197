"""Writes a signed record as an HL7 CDA R2 document, each section coded where a code is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as Xml

from countersign.ground.chart import PatientSummary

HL7, LOINC = "urn:hl7-org:v3", "2.16.840.1.113883.6.1"
GENDER, CONFIDENTIAL = "2.16.840.1.113883.5.1", "2.16.840.1.113883.5.25"
SECTIONS = {
    "chief": ("10154-3", "Chief complaint"),
    "present": ("10164-2", "History of present illness"),
    "past": ("11348-0", "History of past illness"),
    "personal": ("29762-2", "Social history"),
    "family": ("10157-6", "History of family member diseases"),
    "exam": ("29545-1", "Physical findings"),
    "aux": ("30954-2", "Relevant diagnostic tests/laboratory data"),
    "vitals": ("8716-3", "Vital signs"),
    "diagnosis": ("51848-0", "Evaluation note"),
    "admission_diagnosis": ("46241-6", "Hospital admission diagnosis"),
    "course": ("8648-8", "Hospital course"),
    "plan": ("18776-5", "Plan of treatment"),
}
"""LOINC codes of sections, all of them in HL7's value set doc-section-codes (FHIR R4)."""

_SEX = {"male": "M", "female": "F", "other": "UN"}


@dataclass(frozen=True, slots=True)
class Document:
    """A signed record. ``sections`` are (id, title, text); ``signer`` and ``custodian`` are a name
    with an identifier of this house; ``id`` is the UUID of the draft."""

    id: str
    loinc: str
    title: str
    language: str
    written_at: datetime
    signed_at: datetime
    patient: PatientSummary
    signer: tuple[str, str]
    custodian: str
    sections: Sequence[tuple[str, str, str]]


def as_cda(one: Document) -> bytes:
    """UTF-8 XML, the elements in the order of POCD_HD000040."""
    Xml.register_namespace("", HL7)
    root = Xml.Element(f"{{{HL7}}}ClinicalDocument")
    _add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    _add(root, "id", root=one.id)
    _add(root, "code", code=one.loinc, codeSystem=LOINC, codeSystemName="LOINC")
    _add(root, "title").text = one.title
    _add(root, "effectiveTime", value=_time(one.signed_at))
    _add(root, "confidentialityCode", code="N", codeSystem=CONFIDENTIAL)
    _add(root, "languageCode", code="zh-CN" if one.language == "zh" else "en-US")
    _target(root, one.patient)
    author = _add(root, "author")
    _add(author, "time", value=_time(one.written_at))
    _person(_add(author, "assignedAuthor"), one.signer)
    keeper = _add(_add(_add(root, "custodian"), "assignedCustodian"), ORGANIZATION)
    _add(keeper, "id", root=_own("custodian"))
    _add(keeper, "name").text = one.custodian
    signed = _add(root, "legalAuthenticator")
    _add(signed, "time", value=_time(one.signed_at))
    _add(signed, "signatureCode", code="S")
    _person(_add(signed, "assignedEntity"), one.signer)
    body = _add(_add(root, "component"), "structuredBody")
    for name, title, text in one.sections:
        _section(_add(_add(body, "component"), "section"), name, title, text)
    return Xml.tostring(root, encoding="UTF-8", xml_declaration=True)


ORGANIZATION = "representedCustodianOrganization"


def _target(root: Xml.Element, patient: PatientSummary) -> None:
    role = _add(_add(root, "recordTarget"), "patientRole")
    _add(role, "id", root=_own("patient"), extension=patient.id)
    person = _add(role, "patient")
    _add(person, "name").text = patient.name
    sex = _SEX.get(patient.sex)
    if sex:
        _add(person, "administrativeGenderCode", code=sex, codeSystem=GENDER)
    born = patient.birth_date.replace("-", "")
    if born:
        _add(person, "birthTime", value=born)


def _person(role: Xml.Element, who: tuple[str, str]) -> None:
    _add(role, "id", root=_own("person"), extension=who[1])
    _add(_add(role, "assignedPerson"), "name").text = who[0]


def _section(section: Xml.Element, name: str, title: str, text: str) -> None:
    if name in SECTIONS:
        code, display = SECTIONS[name]
        _add(section, "code", code=code, codeSystem=LOINC, codeSystemName="LOINC",
             displayName=display)  # fmt: skip
    _add(section, "title").text = title
    held = _add(section, "text")
    for line in filter(str.strip, text.splitlines()):
        _add(held, "paragraph").text = line


def _add(parent: Xml.Element, name: str, **attributes: str) -> Xml.Element:
    return Xml.SubElement(parent, f"{{{HL7}}}{name}", attributes)


def _own(what: str) -> str:
    """The root of this software's own identifiers of one sort: always the same UUID."""
    return str(uuid5(NAMESPACE_URL, f"urn:countersign:{what}"))


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")
