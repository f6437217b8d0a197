"""What is written down about common conditions: findings, tests, frequencies and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

BANDS: Mapping[str, float] = {
    "almost always": 0.9,
    "very common": 0.75,
    "common": 0.5,
    "occasional": 0.2,
    "rare": 0.05,
    "hardly ever": 0.005,
}
"""P(finding | condition) of each band: an expert's bands, unless ``measured`` says otherwise."""

AGES = (0.0, 1.0, 12.0, 18.0, 40.0, 65.0)
"""Lower ends, in years, of the six age groups that ``ages`` has a multiplier for."""

Learnt = Literal["ask", "examine", "test"]
Sex = Literal["female", "male"]


class KnowledgeInvalid(CountersignError):
    """A file of the knowledge base cannot be used as it is."""

    code = "reasoning.knowledge"
    status = 503
    message = "The knowledge of common conditions is not valid: {reason}. Correct the file."


@dataclass(frozen=True, slots=True)
class Test:
    """What a test asks of the patient: bands from 1 (little) to 4, and minutes to its result."""

    id: str
    name: Words
    cost: int
    burden: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that the knowledge base knows: ``id`` is its name in the files, ``term`` HPO's.

    ``also`` are other terms for the same, which a note or a chart may bear.
    ``background`` is its share among patients who come for something else; ``narrows`` the finding
    of which it is a kind; ``lasting`` marks what counts although it is past (smoking, diabetes).
    """

    id: str
    term: str
    name: Words
    learnt: Learnt
    background: float
    question: Words
    test: str | None = None
    narrows: str | None = None
    lasting: bool = False
    unspecific: bool = False
    also: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that means this finding, its own first."""
        return self.term, *self.also


@dataclass(frozen=True, slots=True)
class Condition:
    """``frequency`` is a rough count in 10,000 first visits, times the multiplier of the age.

    ``findings`` are P(finding | condition), from ``bands`` unless ``measured`` names a source.
    ``same`` are its numbers in the catalogues of rare diseases (``OMIM:…``, ``ORPHA:…``).
    """

    id: str
    disease: str
    name: Words
    frequency: float
    ages: tuple[float, ...]
    findings: Mapping[str, float]
    bands: Mapping[str, str]
    measured: Mapping[str, str]
    sources: tuple[str, ...]
    sex: Sex | None = None
    cannot_miss: bool = False
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything in the files, checked; ``version`` names it in receipts and sources.

    ``wider`` gives, for HPO terms without a row of their own, the nearest ones above them that
    have one: who has focal seizures has seizures.
    """

    version: str
    entries: tuple[Entry, ...]
    tests: Mapping[str, Test]
    conditions: tuple[Condition, ...]
    sources: Mapping[str, Words]
    wider: Mapping[str, tuple[str, ...]]
