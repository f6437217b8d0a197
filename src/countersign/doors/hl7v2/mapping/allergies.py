"""AL1 and IAM: allergies and intolerances."""

from __future__ import annotations

from countersign.doors.hl7v2.message import Message, Segment
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, moment
from .tables import ALLERGY, CRITICALITY, SEVERITY, TERMINOLOGY

_CERTAINTY = {"C": "confirmed", "P": "unconfirmed", "S": "unconfirmed", "U": "unconfirmed",
              "E": "refuted"}  # fmt: skip
"""Table 0438 (IAM-17)."""


def allergies(message: Message, context: Context) -> list[JSON]:
    """AL1 and IAM as AllergyIntolerance."""
    return [
        *(one for al1 in message.all("AL1") if (one := _allergy(al1, context))),
        *(one for iam in message.all("IAM") if (one := _adverse(iam, context))),
    ]


def _allergy(al1: Segment, context: Context) -> JSON | None:
    code = concept(al1.first(3))
    if code is None:
        context.note("AL1-3", "missing")
        return None
    kind, category = ALLERGY.get(al1.get(2), ("", ""))
    return context.entry(
        "AllergyIntolerance",
        f"AL1|{al1.get(3) or al1.get(3, 2)}",
        without_empty(
            {
                "clinicalStatus": _active(),
                "type": kind,
                "category": [category] if category else [],
                "criticality": CRITICALITY.get(al1.get(4)),
                "code": code,
                "patient": context.subject,
                "onsetDateTime": moment(al1.get(6), context, "AL1-6"),
                "reaction": _reactions(al1),
            }
        ),
    )


def _adverse(iam: Segment, context: Context) -> JSON | None:
    """IAM: one that is deleted (IAM-6) was entered in error; nothing is ever taken away."""
    code = concept(iam.first(3))
    if code is None:
        context.note("IAM-3", "missing")
        return None
    gone = iam.get(6) == "D"
    kind, category = ALLERGY.get(iam.get(2), ("", ""))
    verified = "entered-in-error" if gone else _CERTAINTY.get(iam.get(17))
    system = f"{TERMINOLOGY}/allergyintolerance-verification"
    return context.entry(
        "AllergyIntolerance",
        f"AL1|{iam.get(3) or iam.get(3, 2)}",
        without_empty(
            {
                "clinicalStatus": None if gone else _active(),
                "verificationStatus": {"coding": [{"system": system, "code": verified}]}
                if verified
                else None,
                "type": kind,
                "category": [category] if category else [],
                "criticality": CRITICALITY.get(iam.get(4)),
                "code": code,
                "patient": context.subject,
                "onsetDateTime": moment(iam.get(11), context, "IAM-11"),
                "recordedDate": moment(iam.get(13), context, "IAM-13"),
                "reaction": _reactions(iam),
            }
        ),
    )


def _active() -> JSON:
    system = f"{TERMINOLOGY}/allergyintolerance-clinical"
    return {"coding": [{"system": system, "code": "active"}]}


def _reactions(segment: Segment) -> list[JSON]:
    severity = without_empty({"severity": SEVERITY.get(segment.get(4))})
    return [{"manifestation": [{"text": one.text}], **severity} for one in segment.all(5)]
