"""What a model proposes: a draft with its explanation, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from countersign.ground.identity import LicenceKind
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .explanation import Explanation

WRITTEN = frozenset({"MedicationRequest"})
"""Resources that a person writes and a model only checks: no room proposes them by itself."""


class RiskClass(StrEnum):
    """How much harm a wrong answer can do; the highest needs two signatures."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Urgency(StrEnum):
    """How soon a person should look, most urgent first."""

    CRITICAL = "critical"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Body:
    """What would be said and written.

    ``resources`` are FHIR R4 resources without ``id`` and ``meta``; they reach the chart as
    they are when the draft is accepted, and without their computed values when it is
    amended, since an amended sentence may contradict them.
    """

    title: Words
    text: Words
    resources: tuple[JSON, ...]

    @property
    def written(self) -> bool:
        """Whether a person wrote it (an order), and a model only checked it."""
        return any(one.get("resourceType") in WRITTEN for one in self.resources)


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Proposal(Generic[B]):
    """What a room hands to the gate. It cannot be built without an explanation.

    ``topic`` says what the draft is about (a newer draft on the same topic supersedes an
    undecided one); ``fingerprint`` is equal for the same finding on the same inputs, which
    is proposed once.
    """

    room: str
    kind: str
    patient: str
    risk: RiskClass
    urgency: Urgency
    signers: frozenset[LicenceKind]
    topic: str
    fingerprint: str
    body: B
    explanation: Explanation
    valid_days: float
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class DraftHead:
    """What may be known of a draft without reading it."""

    id: str
    room: str
    kind: str
    patient: str
    risk: RiskClass
    urgency: Urgency
    signers: frozenset[LicenceKind]
    model: str
    sha256: str
    proposed_at: datetime
    expires_at: datetime
    corrects: str | None


@dataclass(frozen=True, slots=True)
class Draft(Generic[B]):
    """A stored proposal, opened by a person whose receipt is already durable."""

    head: DraftHead
    body: B
    explanation: Explanation
