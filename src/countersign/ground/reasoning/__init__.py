"""From findings to diagnoses worth considering, by pure rules and small models."""

from .candidate import Candidate, Ranking, Weight
from .conditions import KnowledgeInvalid, Question
from .conditions import look as look_at_conditions
from .diseases import Disease
from .finding import Finding, Holder, Place, Status
from .phenotypes import VariantsUnreadable, genes_in
from .reasoning import Person, Reasoning, Vocabularies

__all__ = [
    "Candidate",
    "Disease",
    "Finding",
    "Holder",
    "KnowledgeInvalid",
    "Person",
    "Place",
    "Question",
    "Ranking",
    "Reasoning",
    "Status",
    "VariantsUnreadable",
    "Vocabularies",
    "Weight",
    "genes_in",
    "look_at_conditions",
]
