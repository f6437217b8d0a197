"""What the room of language models does for a person, within what the policy allows them."""

from countersign.rooms.modelbench.domain.plan import TEACHERS, Plan

from .distilling import Distilling, Interrupted
from .servers import CHOICES, STATES, LanguageServers, Line
from .study.command import StudyCommand, said
from .teaching import CARD, DIGEST
from .training import RUNGS, make
from .works import WORKS, Told

__all__ = [
    "CARD",
    "CHOICES",
    "DIGEST",
    "RUNGS",
    "STATES",
    "TEACHERS",
    "WORKS",
    "Distilling",
    "Interrupted",
    "LanguageServers",
    "Line",
    "Plan",
    "StudyCommand",
    "Told",
    "make",
    "said",
]
