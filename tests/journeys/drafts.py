"""Finds drafts that still await a decision, so that no journey depends on another."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from countersign.app.house import House, open_house
from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.models import ModelRef
from countersign.ground.signoff import (
    Body,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
)
from countersign.kit.words import Words
from countersign.rooms.workstation.inference import MODEL
from furnished import Furnished

PHYSICIANS_DEPARTMENTS = ("general-medicine", "cardiology", "nephrology", "endocrinology")
"""Those of the demonstration's physician."""
SAID = Words("Potassium 6.9 mmol/L: treat now", "血钾 6.9 mmol/L：请立即处理")


@dataclass(frozen=True)
class Waiting:
    """A draft and whom it is about."""

    id: str
    patient: str


def waiting(furnished: Furnished, risk: str = "low") -> Waiting:
    """An undecided draft of a risk class about a patient of the physician's departments.

    One that the review proposed; once they are used up, one of ours about the same patients.
    """
    mine = list(PHYSICIANS_DEPARTMENTS)
    rows = furnished.rows(
        "select d.id, patient from signoff.state d join chart.patient p using (patient)"
        " where d.state = 'open' and d.risk = %s and p.departments && %s"
        " and d.corrects is null order by d.id limit 1",
        risk,
        mine,
    )
    if rows:
        return Waiting(rows[0]["id"], rows[0]["patient"])
    found = furnished.rows("select patient from chart.patient where departments && %s", mine)
    patient = found[0]["patient"]
    with open_house(furnished.settings) as house:
        return Waiting(propose(house, patient, SAID, RiskClass(risk)), patient)


def propose(
    house: House,
    patient: str,
    said: Words,
    risk: RiskClass,
    valid_days: float = 7.0,
    *,
    kind: str = "results",
    model: ModelRef = MODEL,
) -> str:
    """A draft of our own, as a room would propose it; gives its id."""
    seen = f"Patient/{patient}/_history/1"
    issue = {
        "resourceType": "DetectedIssue",
        "status": "final",
        "patient": {"reference": f"Patient/{patient}"},
        "code": {"text": said.zh},
        "detail": said.zh,
    }
    proposal = Proposal(
        room="workstation",
        kind=kind,
        patient=patient,
        risk=risk,
        urgency=Urgency.ROUTINE,
        signers=frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}),
        topic=f"journey:{uuid4()}",
        fingerprint=str(uuid4()),
        body=Body(said, said, (issue,)),
        explanation=Explanation(
            rationale=said,
            evidence=(Evidence(said, reference=seen),),
            limits=(said,),
            confidence=NoConfidence(said),
            alternatives=(said,),
            model=model,
            inputs=(seen,),
        ),
        valid_days=valid_days,
    )
    made = house.floor.signoff.proposals.propose(Principal.system("worker"), proposal)
    assert made is not None
    return made
