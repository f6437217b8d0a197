"""PV1, PV2 and DG1: the encounter and its diagnoses."""

from __future__ import annotations

from countersign.doors.hl7v2.message import Message, Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, identifier, moment, period, person, table
from .tables import (
    CLASS,
    DIAGNOSIS,
    ROLES,
    STATUS,
    TERMINOLOGY,
)

DEPARTMENT = "urn:countersign:department"
_ACT = f"{TERMINOLOGY}/v3-ActCode"


def visit_key(message: Message) -> str | None:
    """By which a visit is found again: its number, else when it began."""
    pv1 = message.segment("PV1")
    number = identifier(pv1.first(19))
    if number is not None:
        return f"PV1|{number['system']}|{number['value']}"
    began = pv1.get(44)
    return f"PV1|{began}" if began else None


def encounter(message: Message, context: Context) -> JSON | None:
    """PV1 as Encounter; None where no visit is meant or it cannot be told from another."""
    pv1, key = message.segment("PV1"), visit_key(message)
    if pv1.get(2) in ("", "N") and key is None or pv1.get(2) == "N":
        return None
    if key is None:
        context.note("PV1-19", "missing")
        return None
    status = STATUS.get(message.event if message.kind == "ADT" else "", "in-progress")
    end = moment(pv1.get(45), context, "PV1-45") if message.event != "A13" else None
    if end and status == "in-progress":
        status = "finished"
    number = identifier(pv1.first(19))
    return context.entry(
        "Encounter",
        key,
        without_empty(
            {
                "identifier": [number] if number else [],
                "status": status,
                "class": _class(pv1),
                "type": [one] if (one := table(pv1.first(4), "0007")) else [],
                "serviceType": _service(pv1, context),
                "priority": table(message.segment("PV2").first(25), "0217"),
                "subject": context.subject,
                "participant": _participants(pv1),
                "period": period(moment(pv1.get(44), context, "PV1-44"), end),
                "reasonCode": [one] if (one := concept(message.segment("PV2").first(3))) else [],
                "hospitalization": _hospitalization(pv1),
                "location": _locations(pv1, status),
            }
        ),
    )


def _class(pv1: Segment) -> JSON:
    said = pv1.get(2)
    code, display = CLASS.get(said, ("", ""))
    if code:
        return {"system": _ACT, "code": code, "display": display}
    if not said:
        return {"system": _ACT, "code": "AMB", "display": "ambulatory"}
    return {"system": f"{TERMINOLOGY}/v2-0004", "code": said[:20]}


def _service(pv1: Segment, context: Context) -> JSON | None:
    """PV1-10; a department of the house, by PV1-3 or PV1-10, places the patient there."""
    said = concept(pv1.first(10), f"{TERMINOLOGY}/v2-0069") or {}
    codings: list[JSON] = list(said.get("coding", []))
    for code in (pv1.get(3), pv1.get(10), pv1.get(3, 4)):
        if code in context.departments:
            codings.append({"system": DEPARTMENT, "code": code})
            break
    return without_empty({**said, "coding": codings}) or None


def _participants(pv1: Segment) -> list[JSON]:
    found: list[JSON] = []
    for number, (code, display) in ROLES.items():
        coding = {"system": f"{TERMINOLOGY}/v3-ParticipationType", "code": code}
        for value in pv1.all(number):
            who = person(value)
            if who is not None:
                kind = {"coding": [{**coding, "display": display}]}
                found.append({"type": [kind], "individual": who})
    return found


def _hospitalization(pv1: Segment) -> JSON:
    return without_empty(
        {
            "preAdmissionIdentifier": identifier(pv1.first(5)),
            "admitSource": table(pv1.first(14), "0023"),
            "reAdmission": table(pv1.first(13), "0092"),
            "dietPreference": [one] if (one := table(pv1.first(38), "0114")) else [],
            "specialCourtesy": [one] if (one := table(pv1.first(16), "0099")) else [],
            "specialArrangement": [one] if (one := table(pv1.first(15), "0009")) else [],
            "dischargeDisposition": table(pv1.first(36), "0112"),
        }
    )


def _locations(pv1: Segment, status: str) -> list[JSON]:
    """PL by its ward and its bed, which the list of patients shows."""
    over = "completed" if status in ("finished", "cancelled") else "active"
    found: list[JSON] = []
    for number, state in ((3, over), (6, "completed"), (42, "planned"), (11, "active")):
        found += _place(pv1.first(number), state)
    return found


def _place(pl: Value, state: str) -> list[JSON]:
    ward, bed = pl.part(1), " ".join(one for one in (pl.part(2), pl.part(3)) if one)
    names = (("wa", "Ward", ward or pl.part(9) or pl.part(4)), ("bd", "Bed", bed))
    kind = f"{TERMINOLOGY}/location-physical-type"
    return [
        {
            "location": {"display": name},
            "status": state,
            "physicalType": {"coding": [{"system": kind, "code": code, "display": display}]},
        }
        for code, display, name in names
        if name
    ]


def conditions(message: Message, context: Context, visit: str | None) -> list[JSON]:
    """DG1 as Condition."""
    return [one for dg1 in message.all("DG1") if (one := _condition(dg1, context, visit))]


def _condition(dg1: Segment, context: Context, visit: str | None) -> JSON | None:
    said = concept(dg1.first(3)) or {}
    if described := dg1.get(4):
        said["text"] = described
    if not said:
        return None
    own = identifier(dg1.first(20))
    code = dg1.get(3) or dg1.get(4)
    status = "entered-in-error" if dg1.get(21) == "D" else DIAGNOSIS.get(dg1.get(6))
    clinical = f"{TERMINOLOGY}/condition-ver-status"
    category = {"system": f"{TERMINOLOGY}/condition-category", "code": "encounter-diagnosis"}
    return context.entry(
        "Condition",
        f"DG1|{visit or ''}|{own['value'] if own else code}",
        without_empty(
            {
                "identifier": [own] if own else [],
                "verificationStatus": {"coding": [{"system": clinical, "code": status}]}
                if status
                else None,
                "category": [{"coding": [category]}],
                "code": said,
                "subject": context.subject,
                "encounter": {"reference": f"Encounter/{context.identifier('Encounter', visit)}"}
                if visit
                else None,
                "onsetDateTime": moment(dg1.get(5), context, "DG1-5"),
                "recordedDate": moment(dg1.get(19), context, "DG1-19"),
                "asserter": person(dg1.first(16)),
            }
        ),
    )
