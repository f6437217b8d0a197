"""What the room of language models does for a person, within what the policy allows them."""

from countersign.rooms.modelbench.domain.plan import TEACHERS, Plan

from .distilling import Distilling, Interrupted
from .teaching import CARD, DIGEST
from .training import RUNGS, make

__all__ = [
    "CARD",
    "DIGEST",
    "RUNGS",
    "TEACHERS",
    "Distilling",
    "Interrupted",
    "Plan",
    "make",
]
