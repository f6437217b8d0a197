"""Reviews one chart by published rules, with no language model, no clock and no input or output."""

from .card import CARD, Card, Measured, NotMeasured
from .finding import KINDS, NO_CONFIDENCE, Evidence, Finding, Risk, Urgency
from .kidney import ckd_epi_2021
from .review import review
from .sources import Source
from .thresholds import DEFAULT, CriticalLimit, Thresholds

__all__ = [
    "CARD",
    "DEFAULT",
    "KINDS",
    "NO_CONFIDENCE",
    "Card",
    "CriticalLimit",
    "Evidence",
    "Finding",
    "Measured",
    "NotMeasured",
    "Risk",
    "Source",
    "Thresholds",
    "Urgency",
    "ckd_epi_2021",
    "review",
]
