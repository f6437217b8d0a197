"""What a rule proposes: complete enough that a physician could sign it as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .sources import Source


class Urgency(StrEnum):
    """How soon a person should look."""

    CRITICAL = "critical"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Urgency).index(self)


class Risk(StrEnum):
    """What a wrong draft could do once it is accepted."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


NO_CONFIDENCE = Words(
    "A fixed rule applied to recorded values carries no probability: either its conditions are "
    "met or they are not.",
    "本结论由固定规则对已记录的数值得出，规则条件要么满足、要么不满足，不产生概率。",
)


KINDS: dict[str, Words] = {
    "critical": Words("Critical value", "危急值"),
    "acute-kidney-injury": Words("Acute kidney injury", "急性肾损伤"),
    "kidney-stage": Words("Kidney function", "肾功能分期"),
    "potassium-medicines": Words("Potassium and medicines", "血钾与用药"),
    "hypoglycaemia": Words("Low glucose", "低血糖"),
    "digoxin": Words("Digoxin", "地高辛"),
    "warfarin": Words("Warfarin", "华法林"),
    "metformin": Words("Metformin", "二甲双胍"),
    "nsaid": Words("NSAID", "非甾体抗炎药"),
    "statin": Words("Statin", "他汀类药物"),
    "allergy": Words("Allergy and medicine", "过敏与用药"),
    "hba1c": Words("HbA1c", "糖化血红蛋白"),
    "pressure": Words("Blood pressure", "血压"),
    "results": Words("Review of results", "检验结果回顾"),
}
"""The kinds of finding, as a page may name them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A statement and the version of the chart's resource that bears it out."""

    statement: Words
    reference: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A proposed answer about one patient.

    ``kind`` is one of KINDS. ``topic`` is what it is about: a newer finding on the same topic
    replaces an undecided one. ``key`` is equal for the same finding on the same inputs.
    ``resources`` are the FHIR R4 resources to be written when it is accepted unchanged.
    ``confidence`` is always None, for the reason in ``no_confidence``.
    """

    kind: str
    topic: str
    urgency: Urgency
    risk: Risk
    title: Words
    text: Words
    rationale: Words
    sources: tuple[Source, ...]
    evidence: tuple[Evidence, ...]
    limits: tuple[Words, ...]
    alternatives: tuple[Words, ...]
    inputs: tuple[str, ...]
    resources: tuple[JSON, ...]
    key: str
    confidence: None = None
    no_confidence: Words = NO_CONFIDENCE

    def __post_init__(self) -> None:
        if not (self.evidence and self.limits and self.inputs and self.sources):
            raise ValueError("a finding needs evidence, limits, inputs and a source")
        if self.kind not in KINDS:
            raise ValueError("a finding needs a kind that pages can name")
