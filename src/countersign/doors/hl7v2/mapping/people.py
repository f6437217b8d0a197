"""PID, PD1, NK1 and IN1: the patient, those who belong to them, who pays."""

from __future__ import annotations

from countersign.doors.hl7v2.judging import local_authority
from countersign.doors.hl7v2.message import Message, Segment
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import (
    address,
    concept,
    day,
    gathered,
    human_name,
    identifier,
    moment,
    period,
    telecom,
)
from .tables import GENDER, MARITAL, TERMINOLOGY

DELETABLE = {5: "name", 7: "birthDate", 8: "gender", 11: "address", 13: "telecom"}
"""What a sender may delete by ``""``."""


def patient(message: Message, context: Context) -> JSON:
    """PID as Patient: only what the message says; ``None`` for what it deletes."""
    pid = message.segment("PID")
    names = [one for value in gathered(pid, 5, 9) if (one := human_name(value))]
    found: JSON = without_empty(
        {
            "identifier": _identifiers(pid, local_authority(message)),
            "name": names,
            "gender": _gender(pid, context),
            "birthDate": day(pid.get(7), context, "PID-7"),
            "address": [one for value in pid.all(11) if (one := address(value, context, "PID-11"))],
            "telecom": [
                *(one for value in pid.all(13) if (one := telecom(value, "home"))),
                *(one for value in pid.all(14) if (one := telecom(value, "work"))),
                *(one for value in pid.all(40) if (one := telecom(value))),
            ],
            "maritalStatus": _marital(pid),
            "communication": [
                {"language": said} for value in pid.all(15) if (said := concept(value))
            ],
        }
    )
    _births(pid, context, found)
    _death(pid, context, found)
    for number, element in DELETABLE.items():
        if pid.deleted(number):
            found[element] = None
    return found


def _identifiers(pid: Segment, local: str) -> list[JSON]:
    found = [one for value in gathered(pid, 3, 2, 4) if (one := identifier(value, local))]
    told: list[JSON] = []
    for one in found:
        if not any((one["system"], one["value"]) == (t["system"], t["value"]) for t in told):
            told.append(one)
    if social := pid.get(19):
        kind = {"coding": [{"system": f"{TERMINOLOGY}/v2-0203", "code": "SS"}]}
        told.append({"type": kind, "value": social})
    return told


def _gender(pid: Segment, context: Context) -> str | None:
    said = pid.get(8)
    if not said:
        return None
    if (known := GENDER.get(said.upper()[:1])) is None:
        context.note("PID-8", "not-in-table")
    return known


def _marital(pid: Segment) -> JSON | None:
    said = pid.first(16)
    code, display = MARITAL.get(said.part(1).upper(), ("", ""))
    if not code:
        return concept(said)
    system = "v3-NullFlavor" if code == "UNK" else "v3-MaritalStatus"
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code, "display": display}]}


def _births(pid: Segment, context: Context, found: JSON) -> None:
    order = pid.get(25)
    if order.isdecimal() and 0 < int(order) < 20:
        found["multipleBirthInteger"] = int(order)
    elif order:
        context.note("PID-25", "not-a-number")
    elif pid.get(24) in ("Y", "N"):
        found["multipleBirthBoolean"] = pid.get(24) == "Y"


def _death(pid: Segment, context: Context, found: JSON) -> None:
    at = moment(pid.get(29), context, "PID-29")
    if at:
        found["deceasedDateTime"] = at
    elif pid.get(30) in ("Y", "N"):
        found["deceasedBoolean"] = pid.get(30) == "Y"


def related(message: Message, context: Context) -> list[JSON]:
    """NK1 as RelatedPerson."""
    return [
        one
        for place, segment in enumerate(message.all("NK1"), 1)
        if (one := _related(segment, place, context))
    ]


def _related(nk1: Segment, place: int, context: Context) -> JSON | None:
    names = [one for value in nk1.all(2) if (one := human_name(value))]
    roles = [one for number in (3, 7) if (one := concept(nk1.first(number), _ROLE[number]))]
    if not names and not roles:
        return None
    return context.entry(
        "RelatedPerson",
        f"NK1|{nk1.get(1) or place}",
        without_empty(
            {
                "identifier": [one for value in nk1.all(33) if (one := identifier(value))],
                "active": True,
                "patient": context.subject,
                "relationship": roles,
                "name": names,
                "telecom": [
                    *(one for value in nk1.all(5) if (one := telecom(value, "home"))),
                    *(one for value in nk1.all(6) if (one := telecom(value, "work"))),
                ],
                "gender": GENDER.get(nk1.get(15).upper()[:1]),
                "birthDate": day(nk1.get(16), context, "NK1-16"),
                "address": [
                    one for value in nk1.all(4) if (one := address(value, context, "NK1-4"))
                ],
                "period": period(
                    day(nk1.get(8), context, "NK1-8"), day(nk1.get(9), context, "NK1-9")
                ),
            }
        ),
    )


_ROLE = {3: f"{TERMINOLOGY}/v2-0063", 7: f"{TERMINOLOGY}/v2-0131"}


def coverages(message: Message, context: Context) -> list[JSON]:
    """IN1 as Coverage."""
    return [
        one
        for place, segment in enumerate(message.all("IN1"), 1)
        if (one := _coverage(segment, place, context))
    ]


def _coverage(in1: Segment, place: int, context: Context) -> JSON | None:
    plan, company = in1.first(2), identifier(in1.first(3))
    payor = without_empty({"type": "Organization", "identifier": company, "display": in1.get(4)})
    if not plan and set(payor) == {"type"}:
        return None
    if set(payor) == {"type"}:
        payor["display"] = plan.part(2) or plan.part(1)
    classes = [
        ("plan", plan.part(1), plan.part(2)),
        ("group", in1.get(8), in1.get(9)),
    ]
    number = in1.get(36)
    policy = {"system": f"{TERMINOLOGY}/v2-0203", "code": "PLN"}
    return context.entry(
        "Coverage",
        f"IN1|{plan.part(1)}|{in1.get(3) or place}",
        without_empty(
            {
                "identifier": [{"type": {"coding": [policy]}, "value": number}] if number else [],
                "status": "active",
                "type": concept(in1.first(15)),
                "subscriberId": in1.get(49),
                "beneficiary": context.subject,
                "relationship": concept(in1.first(17), f"{TERMINOLOGY}/v2-0063"),
                "period": period(
                    day(in1.get(12), context, "IN1-12"), day(in1.get(13), context, "IN1-13")
                ),
                "payor": [payor],
                "class": [
                    without_empty({"type": _class(kind), "value": value, "name": name})
                    for kind, value, name in classes
                    if value
                ],
            }
        ),
    )


def _class(code: str) -> JSON:
    return {"coding": [{"system": f"{TERMINOLOGY}/coverage-class", "code": code}]}
