"""Procedures, immunizations and appointments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.app.demonstration.coding import (
    CVX,
    ICD9,
    concept,
    department_code,
    english,
    hl7,
    instant,
)
from countersign.app.demonstration.departments import clinic, department
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.tables.events import PROCEDURES, VACCINES
from countersign.kit.json import JSON
from countersign.kit.words import Words


def operate(
    story: Story,
    contact: Contact,
    key: str,
    when: datetime,
    hours: float,
    reason: Diagnosis | None = None,
) -> JSON:
    """A procedure that began at ``when`` and took so many hours."""
    entry = PROCEDURES[key]
    physician = contact.physician
    body: JSON = {
        "status": "completed",
        "code": concept(ICD9, entry.code, entry.name),
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "performedPeriod": {
            "start": instant(when),
            "end": instant(when + timedelta(hours=hours)),
        },
        "performer": [
            {
                "actor": {
                    "reference": f"Practitioner/{physician.id}",
                    "display": physician.display.zh,
                }
            }
        ],
    }
    if reason is not None:
        body["reasonReference"] = [pointer(reason.resource, reason.disease.name.zh)]
    contact.plan.append((when + timedelta(hours=hours), f"行{entry.name.zh}，过程顺利。"))
    return story.record.add("Procedure", body)


def vaccinate(story: Story, key: str, contact: Contact) -> None:
    """A vaccine given at a visit."""
    entry = VACCINES[key]
    when = contact.start + timedelta(minutes=70)
    story.record.add(
        "Immunization",
        {
            "status": "completed",
            "vaccineCode": concept(CVX, entry.code, entry.name),
            "patient": story.record.patient,
            "encounter": pointer(contact.resource),
            "occurrenceDateTime": instant(when),
            "primarySource": True,
            "lotNumber": f"DEMO-{when.year}",
            "doseQuantity": {"value": 1, "unit": "剂", "code": "{dose}"}
            | {"system": "http://unitsofmeasure.org"},
        },
    )


def vaccinate_in_season(story: Story, visits: Sequence[Contact]) -> None:
    """Influenza vaccine at the latest visit of an autumn or early winter, if there is one."""
    season = [one for one in visits if one.start.month in (9, 10, 11, 12)]
    if season:
        vaccinate(story, "influenza", season[-1])


def book(story: Story, code: str, days: int, reason: Words) -> None:
    """An appointment at a clinic so many days from now, on a working day."""
    start = story.office_hour(-days)
    if start <= story.now:
        return
    physician = story.physician(code)
    place = clinic(code)
    people = [
        (story.record.patient, "required"),
        (
            {"reference": f"Practitioner/{physician.id}", "display": physician.display.zh},
            "required",
        ),
        ({"reference": place.reference, "display": place.name.zh}, "required"),
    ]
    words = place.name
    story.record.add(
        "Appointment",
        {
            "status": "booked",
            "serviceType": [department_code(code, department(code).name)],
            "appointmentType": hl7("v2-0276", "FOLLOWUP", "A follow up visit"),
            "description": f"{words.zh}：{reason.zh}",
            "_description": english(f"{words.en}: {reason.en}"),
            "start": instant(start),
            "end": instant(start + timedelta(minutes=15)),
            "created": instant(story.contacts[-1].start if story.contacts else story.now),
            "participant": [
                {"actor": actor, "required": need, "status": "accepted"} for actor, need in people
            ],
        },
    )
