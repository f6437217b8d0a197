"""Why an answer says what it says, from what evidence and within what limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countersign.ground.models import ModelRef
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Evidence:
    """A statement with the place where anyone can check it.

    Either ``reference`` names a version of a chart resource
    (``Observation/1/_history/2``), or ``quote`` stands word for word in ``document`` at
    characters ``start`` to ``end`` (0-based, end exclusive) of the version whose text has
    the SHA-256 ``sha256``.
    """

    statement: Words
    reference: str | None = None
    quote: str | None = None
    document: str | None = None
    version: str | None = None
    start: int | None = None
    end: int | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        if (self.reference is None) == (self.quote is None):
            raise ValueError("evidence is either a chart reference or a quote")
        if self.quote is not None and None in (
            self.document,
            self.version,
            self.start,
            self.end,
            self.sha256,
        ):
            raise ValueError("a quote needs its document, version, place and hash")


@dataclass(frozen=True, slots=True)
class Confidence:
    """A calibrated probability from 0 to 1 and how it was calibrated."""

    value: float
    method: Words

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError("confidence is a probability")


@dataclass(frozen=True, slots=True)
class NoConfidence:
    """Why this answer carries no probability."""

    reason: Words


Stance = Literal["agree", "partly", "disagree"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What another, independent model or rule pack says on the same topic.

    ``stance`` is how its own answer stands to the draft; what it is worth is read from its
    model card when the draft is shown.
    """

    model: ModelRef
    stance: Stance
    statement: Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a physician needs to judge an answer; no part may be missing.

    ``inputs`` are references with versions of all that the model was given, and
    ``name@version`` of registered prompts and indexes that it used. ``opinions`` are those
    of others who were asked independently; there may be none.
    """

    rationale: Words
    evidence: tuple[Evidence, ...]
    limits: tuple[Words, ...]
    confidence: Confidence | NoConfidence
    alternatives: tuple[Words, ...]
    model: ModelRef
    inputs: tuple[str, ...]
    opinions: tuple[Opinion, ...] = ()

    def __post_init__(self) -> None:
        if not self.evidence or not self.limits or not self.inputs:
            raise ValueError("an explanation needs evidence, limits and inputs")
        if any(one.model.name == self.model.name for one in self.opinions):
            raise ValueError("a model's agreement with itself is no second opinion")

    def manifest(self) -> dict[str, int | str]:
        """How much there is of each part; the database checks it without reading the text."""
        return {
            "rationale": len(self.rationale.en),
            "evidence": len(self.evidence),
            "limits": len(self.limits),
            "confidence": "given" if isinstance(self.confidence, Confidence) else "reason",
            "alternatives": len(self.alternatives),
            "model": f"{self.model.name}@{self.model.version}",
            "inputs": len(self.inputs),
        }
