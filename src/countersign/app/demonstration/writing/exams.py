"""Images and tracings: the ImagingStudy and the radiologist's report."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid5

from countersign.app.demonstration.coding import LOINC, concept, english, hl7, instant
from countersign.app.demonstration.people import NAMESPACE, working
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Story
from countersign.app.demonstration.tables.events import IMAGES
from countersign.kit.json import JSON
from countersign.kit.words import Words

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_PIXELS = {"CT": 180, "MR": 240, "DX": 2, "US": 24}


def image(story: Story, contact: Contact, key: str, when: datetime, conclusion: Words) -> None:
    """An examination at ``when`` with its conclusion; an ECG has a report but no study."""
    examination = IMAGES[key]
    issued = min(when + timedelta(minutes=75), max(when, story.present - timedelta(minutes=10)))
    code = concept(LOINC, examination.code, examination.name)
    body: JSON = {
        "status": "final",
        "category": [hl7("v2-0074", *_category(examination.modality))],
        "code": code,
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "effectiveDateTime": instant(when),
        "issued": instant(issued),
        "performer": [_performer(examination.modality, contact)],
        "conclusion": conclusion.zh,
        "_conclusion": english(conclusion.en),
    }
    if examination.modality in _PIXELS:
        study = _study(story, contact, key, when)
        body["imagingStudy"] = [pointer(study)]
    story.record.add("DiagnosticReport", body)
    contact.plan.append((issued, f"{examination.name.zh}：{conclusion.zh}"))


def _category(modality: str) -> tuple[str, str]:
    return {
        "CT": ("CT", "CAT Scan"),
        "MR": ("NMR", "Nuclear Magnetic Resonance"),
        "DX": ("RX", "Radiograph"),
        "US": ("RUS", "Radiology Ultrasound"),
        "ECG": ("EC", "Electrocardiac (e.g., EKG, EEC, Holter)"),
    }[modality]


def _performer(modality: str, contact: Contact) -> JSON:
    if modality == "ECG":
        return {
            "reference": contact.department.organization,
            "display": contact.department.name.zh,
        }
    radiologist = working("physician", "radiology")[0]
    return {
        "reference": f"Practitioner/{radiologist.id}",
        "display": radiologist.display.zh,
    }


def _study(story: Story, contact: Contact, key: str, when: datetime) -> JSON:
    examination = IMAGES[key]
    modality = {"system": _DICOM, "code": examination.modality}
    stem = f"{story.subject.number}/{key}/{when.isoformat()}"
    count = _PIXELS[examination.modality]
    study, series = (
        f"2.25.{uuid5(NAMESPACE, f'{part}/{stem}').int}" for part in ("study", "series")
    )
    return story.record.add(
        "ImagingStudy",
        {
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}],
            "status": "available",
            "modality": [modality],
            "subject": story.record.patient,
            "encounter": pointer(contact.resource),
            "started": instant(when),
            "numberOfSeries": 1,
            "numberOfInstances": count,
            "description": f"{examination.name.zh}（演示数据，无影像文件）",
            "series": [
                {"uid": series, "number": 1, "modality": modality, "numberOfInstances": count}
            ],
        },
    )
