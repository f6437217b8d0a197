"""From findings to diagnoses worth considering, by pure rules and small models."""

from .candidate import Candidate, Ranking, Weight
from .conditions import Question
from .diseases import Disease
from .finding import Finding, Holder, Place, Status
from .reasoning import Person, Reasoning, Vocabularies

__all__ = [
    "Candidate",
    "Disease",
    "Finding",
    "Holder",
    "Person",
    "Place",
    "Question",
    "Ranking",
    "Reasoning",
    "Status",
    "Vocabularies",
    "Weight",
]
