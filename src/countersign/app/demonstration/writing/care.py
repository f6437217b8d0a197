"""Care teams, and care plans with goals for chronic disease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from countersign.app.demonstration.coding import LOINC, PERSON, day, english, quantity, said
from countersign.app.demonstration.people import Person, working
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.tables.analytes import ANALYTES
from countersign.kit.json import JSON
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal: a quantity below (or, with ``above``, above) a limit."""

    key: str
    limit: str
    words: Words
    above: bool = False


HBA1C = Aim("hba1c", "7.0", Words("HbA1c below 7.0 %", "糖化血红蛋白＜7.0%"))
SYSTOLIC = Aim("systolic", "130", Words("Systolic pressure below 130 mmHg", "收缩压＜130 mmHg"))
LDL = Aim("ldl", "1.8", Words("LDL cholesterol below 1.8 mmol/L", "低密度脂蛋白胆固醇＜1.8 mmol/L"))
LDL_STRICT = Aim(
    "ldl", "1.4", Words("LDL cholesterol below 1.4 mmol/L", "低密度脂蛋白胆固醇＜1.4 mmol/L")
)
URATE = Aim("urate", "360", Words("Urate below 360 µmol/L", "血尿酸＜360 µmol/L"))
INR = Aim("inr", "3.0", Words("INR between 2.0 and 3.0", "INR维持在2.0–3.0"))
HAEMOGLOBIN = Aim(
    "haemoglobin", "100", Words("Haemoglobin above 100 g/L", "血红蛋白＞100 g/L"), above=True
)
WEIGHT = Aim("bmi", "24", Words("Body mass index below 24", "体重指数＜24"))


def plan(
    story: Story,
    contact: Contact,
    title: Words,
    diagnosis: Diagnosis,
    aims: Sequence[Aim],
    activities: Sequence[Words],
) -> None:
    """A care plan from a contact on; completed where the patient has died."""
    label = diagnosis.disease.sensitivity
    goals = [_goal(story, contact, diagnosis, aim) for aim in aims]
    period = {"start": day(contact.start)}
    if story.died is not None:
        period["end"] = day(story.died)
    body: JSON = {
        "status": "active" if story.died is None else "completed",
        "intent": "plan",
        "title": title.zh,
        "_title": english(title.en),
        "category": [said(Words("Chronic disease management", "慢性病管理"))],
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "period": period,
        "created": day(contact.start),
        "author": _practitioner(contact.physician),
        "addresses": [pointer(diagnosis.resource, diagnosis.disease.name.zh)],
        "activity": [_activity(words, story.died) for words in activities],
    }
    if goals:
        body["goal"] = [pointer(goal) for goal in goals]
    story.record.add("CarePlan", body, label)


def _activity(words: Words, died: datetime | None) -> JSON:
    status = "in-progress" if died is None else "completed"
    detail = {"status": status, "description": words.zh, "_description": english(words.en)}
    return {"detail": detail}


def _goal(story: Story, contact: Contact, diagnosis: Diagnosis, aim: Aim) -> JSON:
    analyte = ANALYTES[aim.key]
    coding = {"system": LOINC, "code": analyte.loinc, "display": analyte.name.en}
    bound = quantity(Decimal(aim.limit), analyte.unit or "INR", analyte.ucum)
    side = "low" if aim.above else "high"
    body: JSON = {
        "lifecycleStatus": "active" if story.died is None else "completed",
        "category": [said(Words("Treatment target", "治疗目标"))],
        "description": said(aim.words),
        "subject": story.record.patient,
        "startDate": day(contact.start),
        "expressedBy": _practitioner(contact.physician),
        "addresses": [pointer(diagnosis.resource)],
        "target": [
            {
                "measure": {"coding": [coding], "text": analyte.name.zh},
                "detailRange": {side: bound},
            }
        ],
    }
    return story.record.add("Goal", body, diagnosis.disease.sensitivity)


def team(story: Story, code: str, since: datetime, extra: Sequence[Person] = ()) -> None:
    """The care team of a department: the patient's physician, a nurse, and whoever is named."""
    members = [story.physician(code), *working("nurse", code)[:1], *extra]
    unique = list(dict.fromkeys(members))
    period = {"start": day(since)}
    if story.died is not None:
        period["end"] = day(story.died)
    story.record.add(
        "CareTeam",
        {
            "status": "active" if story.died is None else "inactive",
            "name": f"{story.subject.name.words.zh}的诊疗团队",
            "_name": english(f"Care team of {story.subject.name.words.en}"),
            "subject": story.record.patient,
            "period": period,
            "participant": [
                {
                    "role": [said(one.title)],
                    "member": _member(one),
                    "onBehalfOf": {"reference": f"Organization/department-{code}"},
                }
                for one in unique
            ],
            "managingOrganization": [{"reference": f"Organization/department-{code}"}],
        },
    )


def _practitioner(person: Person) -> JSON:
    return {"reference": f"Practitioner/{person.id}", "display": person.display.zh}


def _member(person: Person) -> JSON:
    return _practitioner(person) | {"identifier": {"system": PERSON, "value": person.id}}
