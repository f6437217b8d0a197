"""What the room of language models does for a person, within what the policy allows them."""

from .servers import CHOICES, STATES, LanguageServers, Line
from .study.command import StudyCommand, said
from .works import WORKS, Told

__all__ = [
    "CHOICES",
    "STATES",
    "WORKS",
    "LanguageServers",
    "Line",
    "StudyCommand",
    "Told",
    "said",
]
