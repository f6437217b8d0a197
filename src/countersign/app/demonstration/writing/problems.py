"""Diagnoses as Conditions, and allergies."""

from __future__ import annotations

from datetime import datetime

from countersign.app.demonstration.coding import (
    ATC,
    SNOMED,
    concept,
    day,
    diagnosis_code,
    hl7,
    instant,
    said,
)
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.tables.diseases import DISEASES
from countersign.app.demonstration.tables.events import ALLERGIES, FOODS
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .contacts import about


def diagnose(
    story: Story,
    key: str,
    contact: Contact,
    onset: datetime | None = None,
    when: datetime | None = None,
) -> Diagnosis:
    """Records a disease at a contact (at its start unless ``when`` is later).

    ``onset`` is the day of the record unless the disease began earlier.
    """
    disease = DISEASES[key]
    recorded = when or contact.start
    began = onset or recorded
    physician = contact.physician
    body: JSON = {
        "clinicalStatus": hl7("condition-clinical", "active", "Active"),
        "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
        "category": [hl7("condition-category", "problem-list-item", "Problem List Item")],
        "code": diagnosis_code(disease.code, disease.name),
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "onsetDateTime": day(began),
        "recordedDate": instant(recorded),
        "recorder": {"reference": f"Practitioner/{physician.id}", "display": physician.display.zh},
    }
    resource = story.record.add("Condition", body, disease.sensitivity)
    diagnosis = Diagnosis(disease, recorded, resource)
    story.diagnoses.append(diagnosis)
    about(contact, [diagnosis])
    return diagnosis


def resolve(diagnosis: Diagnosis, when: datetime) -> None:
    """The disease is over."""
    diagnosis.until = when
    diagnosis.resource["clinicalStatus"] = hl7("condition-clinical", "resolved", "Resolved")
    diagnosis.resource["abatementDateTime"] = day(when)


def write_allergies(story: Story, since: datetime) -> None:
    """What the story knows of allergies: drugs by key, foods by their Chinese name, or none."""
    foods = {food.zh: food for food in FOODS}
    for key in story.allergies:
        if key in ALLERGIES:
            entry = ALLERGIES[key]
            code = concept(ATC, entry.code, entry.name)
            risk = "high" if key == "penicillin" else "low"
            _allergy(story, code, "medication", since, Words("Rash", "皮疹"), risk)
        else:
            reaction = Words("Urticaria", "荨麻疹")
            _allergy(story, said(foods[key]), "food", since, reaction, "low")
    if not story.allergies:
        _no_allergy(story, since)


def _no_allergy(story: Story, since: datetime) -> None:
    words = Words("No known allergy", "无已知过敏")
    body: JSON = {
        "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
        "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
        "code": concept(SNOMED, "716186003", words),
        "patient": story.record.patient,
        "recordedDate": instant(since),
    }
    story.record.add("AllergyIntolerance", body)


def _allergy(
    story: Story, code: JSON, category: str, since: datetime, reaction: Words, criticality: str
) -> None:
    body: JSON = {
        "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
        "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
        "type": "allergy",
        "category": [category],
        "criticality": criticality,
        "code": code,
        "patient": story.record.patient,
        "recordedDate": instant(since),
        "reaction": [{"manifestation": [said(reaction)]}],
    }
    story.record.add("AllergyIntolerance", body)
