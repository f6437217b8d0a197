"""Makes the draft of an order that a physician wrote and the rules checked."""

from __future__ import annotations

from datetime import datetime

from countersign.ground.chart import PatientChart
from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.signoff import (
    PERSON,
    Body,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
)
from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.medication.domain import Ordered, request
from countersign.rooms.medication.inference import MODEL, MODEL_CARD

SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
ORDER, DAYS = "order", 1.0
RULES = Words(
    "A rule's conditions are met or they are not; it gives no probability.",
    "规则的条件或满足或不满足，不给出概率。",
)
_WRITTEN = Words(
    "Written by the physician who asks for this signature; no model proposed it. The pharmacy's "
    "rules checked it when it was written.",
    "由提交签署的医师书写，并非模型提出；书写时已按药学规则审查。",
)
_QUIET = Words("No rule spoke against it.", "无规则提示。")
_LATER = Words(
    "It is checked against the chart once more when it is signed; what comes after that is not.",
    "签署时将依据当时的病历再次审查，其后的变化不再纳入。",
)
CHECK = "urn:countersign:order-check"
"""The system of the identifier by which an order names the check from which it was written."""


def whole(order: JSON) -> bool:
    """Whether a nurse could carry it out: what is put on or breathed in may lack an amount."""
    amount = order.get("amount") or order["route"] in ("local", "inhaled")
    return bool(amount and order.get("often"))


def proposal(
    chart: PatientChart, principal: Principal, check: str, content: JSON, now: datetime
) -> Proposal[Body]:
    """What goes to the gate: one draft for each check, however often it is asked for."""
    patient, row = chart.summary.id, content["order"]
    order = Ordered(
        row["text"], row.get("amount", ""), row.get("unit", ""), row["route"], row.get("often", "")
    )
    requester = {
        "type": "Practitioner",
        "identifier": {"system": PERSON, "value": principal.id},
        "display": principal.name,
    }
    resource = request(order, tuple(content["substances"]), patient, requester, stamp(now))
    resource["identifier"] = [{"system": CHECK, "value": check}]
    title = Words(f"Order: {order.text}", f"医嘱：{order.text}")
    return Proposal(
        room="medication",
        kind=ORDER,
        patient=patient,
        risk=RiskClass.MEDIUM,
        urgency=Urgency.SOON,
        signers=SIGNERS,
        topic=f"{ORDER}|{check}",
        fingerprint=f"{ORDER}|{check}",
        body=Body(title, order.said, (resource,)),
        explanation=_explanation(chart, content),
        valid_days=DAYS,
    )


def _explanation(chart: PatientChart, content: JSON) -> Explanation:
    alerts = [one for one in content["alerts"] if one["level"] != "silent"]
    titles = [Words(**one["title"]) for one in alerts]
    said = _QUIET
    if titles:
        said = Words(
            "It is kept in spite of: " + "; ".join(one.en for one in titles),
            "维持医嘱，已知悉下列提示：" + "；".join(one.zh for one in titles),
        )
    person = [one.versioned for one in chart.of("Patient")[:1]]
    named = [ref for one in alerts for ref in one["references"] if "/" in ref]
    references = list(dict.fromkeys(named)) or person
    return Explanation(
        rationale=Words(f"{_WRITTEN.en}\n{said.en}", f"{_WRITTEN.zh}\n{said.zh}"),
        evidence=tuple(Evidence(said, reference=one) for one in references),
        limits=(_LATER, *_gaps(content), *MODEL_CARD.limits),
        confidence=NoConfidence(RULES),
        alternatives=tuple(Words(**one["instead"]) for one in alerts),
        model=MODEL,
        inputs=tuple(dict.fromkeys([*person, *references])),
    )


def _gaps(content: JSON) -> list[Words]:
    """What the check could not look at, in the words of that check."""
    found: list[Words] = []
    if unread := ", ".join(content["unread"]):
        found.append(
            Words(
                f"Could not be compared, because their names are unknown: {unread}",
                f"名称无法识别、未能比对：{unread}",
            )
        )
    if unknown := ", ".join(content["unknown"]):
        found.append(
            Words(
                f"Not checked, since no table knows “{unknown}”.",
                f"名称表中没有“{unknown}”，未审查。",
            )
        )
    return found
