"""Makes a proposal of a recommendation: quotations and entries of the chart as its evidence."""

from __future__ import annotations

from datetime import datetime

from countersign.ground.identity import LicenceKind
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
from countersign.kit.clock import stamp
from countersign.kit.words import Words
from countersign.rooms.assistant.domain import (
    NO_CONFIDENCE,
    Chosen,
    Known,
    Recommendation,
    because,
    care_plan,
)
from countersign.rooms.assistant.store import Kept

ROOM, KIND = "assistant", "recommendation"
SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
VALID_DAYS = 14.0


def proposal_of(
    kept: Kept,
    patient: str,
    made: Recommendation,
    now: datetime,
    model: ModelRef,
    further: tuple[str, ...] = (),
) -> Proposal[Body]:
    """What the gate is given; the same facts and passages give the same fingerprint.

    ``further`` are registered prompts and rules that took part beside ``model``.
    """
    created = stamp(now)
    plan = care_plan(patient, made.title, made.text, created, [_bare(one) for one in made.problems])
    return Proposal(
        room=ROOM,
        kind=KIND,
        patient=patient,
        risk=RiskClass.MEDIUM,
        urgency=Urgency.ROUTINE,
        signers=SIGNERS,
        topic=f"{KIND}:{kept.assistant.id}",
        fingerprint=made.key,
        body=Body(made.title, made.text, (plan,)),
        explanation=Explanation(
            rationale=made.rationale,
            evidence=(*map(_quoted, made.chosen), *map(_charted, made.knowns)),
            limits=made.limits,
            confidence=NoConfidence(NO_CONFIDENCE),
            alternatives=made.alternatives,
            model=model,
            inputs=(
                *made.inputs,
                *further,
                f"assistant file {kept.assistant.id}, SHA-256 {kept.sha256}",
            ),
        ),
        valid_days=VALID_DAYS,
    )


def _quoted(one: Chosen) -> Evidence:
    document, version, start, end = one.point.place
    said = because(one)
    return Evidence(
        Words(f"[{one.number}] {said.en}", f"[{one.number}] {said.zh}"),
        quote=one.point.words,
        document=document,
        version=version,
        start=start,
        end=end,
        sha256=one.point.source.sha256,
    )


def _charted(one: Known) -> Evidence:
    return Evidence(one.label, reference=one.reference)


def _bare(reference: str) -> str:
    """A reference without its version, as it stands in a resource."""
    return reference.partition("/_history/")[0]
