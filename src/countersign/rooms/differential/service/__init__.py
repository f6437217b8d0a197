"""What a physician does here: reads a chart and a note, corrects, asks, and gets a draft."""

from .answer import Answer, Row, sourced
from .chips import BadFinding, Chip, TooManyFindings
from .differential import Differential, Given, NoteTooLong, View
from .drafting import ROOM, SIGNERS

__all__ = [
    "Answer",
    "BadFinding",
    "Chip",
    "Differential",
    "Given",
    "ROOM",
    "Row",
    "SIGNERS",
    "NoteTooLong",
    "TooManyFindings",
    "View",
    "sourced",
]
