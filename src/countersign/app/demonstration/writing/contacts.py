"""Clinic visits, emergency visits and admissions as Encounters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from countersign.app.demonstration.coding import HL7, department_code, hl7, instant, said
from countersign.app.demonstration.departments import Place, clinic, department, ward
from countersign.app.demonstration.marks import meta
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.kit.json import JSON
from countersign.kit.words import Words

_CLASSES = {"AMB": "ambulatory", "IMP": "inpatient encounter", "EMER": "emergency"}


def visit(
    story: Story, code: str, when: datetime, reason: Words, kind: str = "AMB", minutes: int = 90
) -> Contact:
    """A visit to a clinic, or to the emergency department with ``kind`` ``EMER``."""
    end = when + timedelta(minutes=minutes)
    contact = _contact(story, kind, code, when, end, reason)
    contact.resource["location"] = [_at(clinic(code), when, end)]
    return contact


def follow_up(
    story: Story,
    code: str,
    since: float,
    every: float,
    reason: Words,
    until: float = 6,
    opening: Words | None = None,
) -> list[Contact]:
    """Clinic visits from ``since`` days before the end of the story, one ``every`` days.

    Days on which the patient is admitted are left out. ``opening`` is why the patient came
    the first time.
    """
    made: list[Contact] = []
    days = since
    while days > max(until, story.margin):
        when = story.office_hour(days)
        if story.free(when, when + timedelta(minutes=90)):
            why = opening if opening and not made else reason
            made.append(visit(story, code, when, why))
        days -= every * (1.75 if story.margin else 1.6) * story.rng.uniform(0.85, 1.15)
    return made


def admit(
    story: Story,
    code: str,
    start: datetime,
    days: float | None,
    reason: Words,
    source: str = "outp",
    exact: bool = False,
) -> Contact:
    """An admission to a ward for so many days; None while the patient is still there.

    Patients go home early in the afternoon unless the end is ``exact``.
    """
    end = None if days is None else start + timedelta(days=days)
    if end is not None and not exact:
        end = end.replace(hour=14, minute=10)
    contact = _contact(story, "IMP", code, start, end, reason)
    sources = {"outp": "From outpatient department", "emd": "From accident/emergency department"}
    contact.resource["hospitalization"] = {
        "admitSource": hl7("admit-source", source, sources[source])
    }
    place = ward(code)
    locations = [_at(place, start, end, "wa")]
    if end is None:
        contact.bed = story.beds.take(story.rng, code)
        locations.append(_at(contact.bed, start, end, "bd"))
    else:
        discharged(contact, "home", "Home")
    contact.resource["location"] = locations
    return contact


def discharged(contact: Contact, code: str, display: str) -> None:
    """Records how the admission ended (``home``, ``exp``)."""
    contact.resource["hospitalization"]["dischargeDisposition"] = hl7(
        "discharge-disposition", code, display
    )


def about(contact: Contact, diagnoses: Iterable[Diagnosis]) -> None:
    """Names the diagnoses that a contact was about."""
    for diagnosis in diagnoses:
        if diagnosis not in contact.diagnoses:
            contact.diagnoses.append(diagnosis)


def finish(contact: Contact) -> None:
    """Writes the diagnoses into the Encounter, the first of them as the chief one."""
    entries: list[JSON] = []
    for rank, one in enumerate(contact.diagnoses, start=1):
        use = ("CC", "Chief complaint") if rank == 1 else ("CM", "Comorbidity diagnosis")
        entries.append(
            {
                "condition": pointer(one.resource, one.disease.name.zh),
                "use": hl7("diagnosis-role", *use),
                "rank": rank,
            }
        )
    if entries:
        contact.resource["diagnosis"] = entries
    labels = [one.disease.sensitivity for one in contact.diagnoses if one.disease.sensitivity]
    if labels:
        contact.resource["meta"] = meta(labels[0])


def _contact(
    story: Story, kind: str, code: str, start: datetime, end: datetime | None, reason: Words
) -> Contact:
    owner = department(code)
    physician = story.physician(code)
    number = len(story.contacts) + 1
    period = {"start": instant(start)} | ({} if end is None else {"end": instant(end)})
    participant = {
        "type": [hl7("v3-ParticipationType", "ATND", "attender")],
        "individual": {
            "reference": f"Practitioner/{physician.id}",
            "display": physician.display.zh,
        },
    }
    body: JSON = {
        "identifier": [
            {
                "system": "urn:countersign:visit",
                "value": f"DEMO-V-{story.subject.number:06d}-{number:03d}",
            }
        ],
        "status": "in-progress" if end is None else "finished",
        "class": {"system": HL7 + "v3-ActCode", "code": kind, "display": _CLASSES[kind]},
        "serviceType": department_code(code, owner.name),
        "subject": story.record.patient,
        "participant": [participant],
        "period": period,
        "reasonCode": [said(reason)],
        "serviceProvider": {"reference": owner.organization, "display": owner.name.zh},
    }
    resource = story.record.add("Encounter", body)
    contact = Contact(kind, resource, owner, physician, start, end, reason)
    story.contacts.append(contact)
    return contact


def _at(place: Place, start: datetime, end: datetime | None, physical: str | None = None) -> JSON:
    period = {"start": instant(start)} | ({} if end is None else {"end": instant(end)})
    entry: JSON = {
        "location": {"reference": place.reference, "display": place.name.zh},
        "status": "active" if end is None else "completed",
        "period": period,
    }
    if physical is not None:
        display = {"wa": "Ward", "bd": "Bed"}[physical]
        entry["physicalType"] = hl7("location-physical-type", physical, display)
    return entry
