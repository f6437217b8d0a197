"""Reads a chart, lets the rules think, and hands what they find to the gate as drafts."""

from __future__ import annotations

from countersign.ground.chart import Chart
from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.models import ModelRef
from countersign.ground.signoff import (
    Body,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Signoff,
    Urgency,
)
from countersign.kit.clock import Clock
from countersign.kit.words import Words

from .domain import Finding
from .inference import run

ROOM = "workstation"
SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
VALID_DAYS = {
    Urgency.CRITICAL: 2.0,
    Urgency.URGENT: 7.0,
    Urgency.SOON: 14.0,
    Urgency.ROUTINE: 30.0,
}
"""How long a draft waits for a decision before it is listed as expired."""


class ResultsReview:
    """The review of results of one patient's chart, with no language model."""

    def __init__(self, chart: Chart, signoff: Signoff, model: ModelRef, clock: Clock) -> None:
        self._chart = chart
        self._signoff = signoff
        self._model = model
        self._clock = clock

    def review(self, patient: str) -> list[str]:
        """Proposes what the rules find and was not proposed before; returns the drafts' ids.

        Raises AIStopped, LedgerUnavailable, UnknownPatient.
        """
        if "ai" in self._chart.named(patient).refused:
            return []  # refused after the job was deferred
        worker = Principal.system("worker")
        chart = self._chart.reader(worker).open(patient)
        resources = [version.resource for version in chart.versions]
        findings = run(resources, self._clock())
        made = (
            self._signoff.proposals.propose(worker, self._proposal(patient, finding))
            for finding in findings
        )
        return [draft_id for draft_id in made if draft_id]

    def _proposal(self, patient: str, finding: Finding) -> Proposal[Body]:
        urgency = Urgency(finding.urgency)
        return Proposal(
            room=ROOM,
            kind=finding.kind,
            patient=patient,
            risk=RiskClass(finding.risk),
            urgency=urgency,
            signers=SIGNERS,
            topic=finding.topic,
            fingerprint=finding.key,
            body=Body(finding.title, finding.text, finding.resources),
            explanation=self._explanation(finding),
            valid_days=VALID_DAYS[urgency],
        )

    def _explanation(self, finding: Finding) -> Explanation:
        return Explanation(
            rationale=_with_sources(finding),
            evidence=tuple(
                Evidence(item.statement, reference=item.reference) for item in finding.evidence
            ),
            limits=finding.limits,
            confidence=NoConfidence(finding.no_confidence),
            alternatives=finding.alternatives,
            model=self._model,
            inputs=finding.inputs,
        )


def _with_sources(finding: Finding) -> Words:
    """The rationale with the publications it rests on."""
    cited = "; ".join(f"{one.citation} ({one.published})" for one in finding.sources)
    return Words(
        f"{finding.rationale.en}\nSource: {cited}", f"{finding.rationale.zh}\n来源：{cited}"
    )
