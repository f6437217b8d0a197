"""What a record is made of: facts, with where each was read; its text only renders them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Whether what a fact names is there."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSURE = "unsure"


class Kind(StrEnum):
    """What a fact says; a section of a record kind names the ones that it takes."""

    SYMPTOM = "symptom"
    ONSET = "onset"
    COURSE = "course"
    MEDICINE = "medicine"
    HISTORY = "history"
    ALLERGY = "allergy"
    FAMILY = "family"
    PERSONAL = "personal"
    SIGN = "sign"
    RESULT = "result"
    EXAM = "exam"
    DIAGNOSIS = "diagnosis"
    PROCEDURE = "procedure"
    ADVICE = "advice"
    PRESCRIPTION = "prescription"
    NOTE = "note"


DIALOGUE, KEY = "dialogue", "key"
"""Sources of a link that are no resource of the chart."""


@dataclass(frozen=True, slots=True)
class Link:
    """``start`` to ``end`` (0-based, end exclusive) of a source.

    ``source`` is DIALOGUE, KEY (the physician's own lines), or a chart reference with its version
    (``Observation/7/_history/2``), for which both positions are 0.
    """

    source: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` in the source's language; ``section`` where the writer chose the place himself.

    ``name`` is the term (a symptom's, a drug's, a test's) where the fact has one, and ``english``
    its English, empty where none is known.
    """

    kind: Kind
    value: str
    links: tuple[Link, ...]
    status: Status = Status.PRESENT
    name: str = ""
    section: str = ""
    english: str = ""

    def __post_init__(self) -> None:
        if not self.value.strip():
            raise ValueError("a fact says something")
        if not self.links:
            raise ValueError("a fact has a source")
