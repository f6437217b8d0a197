"""What the audit does: it searches and proves, explains decisions, and says who may see whom."""

from .answer import Answers, Explained, Problem
from .question import NotADecision, Question, explainable, question_of
from .reasons import Reason
from .searching import RETURNED, Audit, Proof, Within
from .sight import KEPT_OUT, Seer, Sight, Sights, arranged

__all__ = [
    "Answers",
    "Audit",
    "Explained",
    "KEPT_OUT",
    "NotADecision",
    "Problem",
    "Proof",
    "Question",
    "RETURNED",
    "Reason",
    "Seer",
    "Sight",
    "Sights",
    "Within",
    "arranged",
    "explainable",
    "question_of",
]
