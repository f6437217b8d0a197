"""How an assistant chooses and quotes: pure rules, for every department the same."""

from .assistant import Assistant, BadFile, parsed
from .drafting import Patient, Recommendation, recommend
from .phrases import NO_CONFIDENCE, PATH, because
from .plan import care_plan
from .points import Known, Source
from .selecting import Chosen, Part
from .wording import Sentence, facts, quotations, worded

__all__ = [
    "Assistant",
    "BadFile",
    "Chosen",
    "Known",
    "NO_CONFIDENCE",
    "PATH",
    "Part",
    "Patient",
    "Recommendation",
    "Sentence",
    "Source",
    "because",
    "care_plan",
    "facts",
    "parsed",
    "quotations",
    "recommend",
    "worded",
]
