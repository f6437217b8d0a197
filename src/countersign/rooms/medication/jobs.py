"""Answers another system in which an order is written: each alert is a draft before it is shown."""

from __future__ import annotations

from hashlib import sha256

from countersign.ground.chart import PatientChart
from countersign.ground.identity import Principal
from countersign.ground.shell import Floor, HookAnswer, HookCall, HookCard, HookHandler
from countersign.ground.signoff import (
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

from .inference import MODEL, MODEL_CARD
from .service import RULES, SIGNERS, Medication, OrderAlert

MOST = 5
"""Alerts of one call, interrupting ones first."""

VALID_DAYS = 2.0
WORKER = Principal.system("worker")


def answer_orders(floor: Floor) -> HookHandler:
    """Orders are chosen or about to be signed elsewhere: what the pharmacy's rules say of them.

    An alert that stands already, undecided, about the same order of the same physician is shown
    again and not made anew, so that choosing an order and signing it are one showing; where what
    it says has changed, its new draft takes the place of the old one.
    """
    room = Medication(floor.chart, floor.signoff, floor.clock)

    def answer(call: HookCall) -> HookAnswer:
        orders = [one for one in call.orders if one.get("resourceType") == "MedicationRequest"]
        if not orders or "ai" in floor.chart.named(call.patient).refused:
            return HookAnswer()
        chart = floor.chart.reader(WORKER).open(call.patient)
        resources = [(one.resource, one.versioned) for one in chart.versions]
        alerts = sorted(room.alerts_for(resources, orders), key=lambda one: not one.interrupts)
        cards: list[HookCard] = []
        for alert in alerts[:MOST]:
            about = _order(orders[alert.place], alert)
            made = _drafted(floor, _proposal(chart, call, alert, about))
            if made is not None:
                loud = "critical" if alert.interrupts else "warning"
                cards.append(HookCard(made, loud, warned=alert.warned))
        return HookAnswer(tuple(cards), _left_out(len(alerts)))

    return answer


def _left_out(alerts: int) -> tuple[Words, ...]:
    if alerts <= MOST:
        return ()
    more = alerts - MOST
    return (Words(f"{more} further alerts are not shown here.", f"另有{more}条警示未在此显示。"),)


def _order(order: JSON, alert: OrderAlert) -> str:
    """By what the order is the same in two calls: its identifier there (or its place, where it has
    none) and what it orders.
    """
    return f"{order.get('id') or f'#{alert.place}'}|{'+'.join(alert.about)}"


def _drafted(floor: Floor, proposal: Proposal[Body]) -> str | None:
    """The draft of an alert: the one that stands and says the same, or a new one."""
    proposals = floor.signoff.proposals
    standing = proposals.standing(proposal.patient, proposal.room, proposal.topic)
    if standing is not None and (standing.body.text, standing.explanation) == (
        proposal.body.text,
        proposal.explanation,
    ):
        return standing.head.id
    return proposals.propose(WORKER, proposal)


def _proposal(chart: PatientChart, call: HookCall, alert: OrderAlert, about: str) -> Proposal[Body]:
    """The alert as a draft; its topic names the rule, the order and who writes it."""
    who = call.principal.actor
    if call.principal.kind != "person":
        who = f"{who}|{call.user}"  # somebody whom that system alone knows
    topic = f"{alert.rule}|{about}|{who}"
    urgency = Urgency.URGENT if alert.interrupts else Urgency.ROUTINE
    text = Words(
        f"{alert.says.en}\nInstead: {alert.instead.en}",
        f"{alert.says.zh}\n建议：{alert.instead.zh}",
    )
    return Proposal(
        room="medication",
        kind="order_alert",
        patient=call.patient,
        risk=RiskClass.MEDIUM,
        urgency=urgency,
        signers=SIGNERS,
        topic=topic,
        fingerprint=sha256(f"{topic}|{call.now.isoformat()}".encode()).hexdigest(),
        body=Body(alert.title, text, (_issue(call, alert, text),)),
        explanation=_explanation(chart, alert),
        valid_days=VALID_DAYS,
    )


def _issue(call: HookCall, alert: OrderAlert, text: Words) -> JSON:
    """A FHIR R4 DetectedIssue; the order itself stands in the other system alone."""
    return {
        "resourceType": "DetectedIssue",
        "language": "zh-CN",
        "status": "final",
        "code": {"text": alert.title.zh},
        "severity": "high" if alert.interrupts else "moderate",
        "patient": {"reference": f"Patient/{call.patient}"},
        "identifiedDateTime": stamp(call.now),
        "detail": f"{text.zh}\n{text.en}",
    }


def _explanation(chart: PatientChart, alert: OrderAlert) -> Explanation:
    references = [one for one in alert.references if "/" in one]
    person = [one.versioned for one in chart.of("Patient")[:1]]
    return Explanation(
        rationale=Words(
            f"{alert.says.en}\nSource: {alert.cite} ({alert.published})",
            f"{alert.says.zh}\n来源：{alert.cite}（{alert.published}）",
        ),
        evidence=tuple(Evidence(alert.title, reference=one) for one in (references or person)),
        limits=MODEL_CARD.limits,
        confidence=NoConfidence(RULES),
        alternatives=(alert.instead,),
        model=MODEL,
        inputs=tuple(dict.fromkeys([*person, *references])),
    )
