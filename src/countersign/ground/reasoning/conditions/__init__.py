"""Common conditions: how likely each is, what must not be missed, and what to ask next."""

from .asking import Question
from .engine import CommonConditions
from .knowledge import KnowledgeInvalid
from .reading import look

__all__ = ["CommonConditions", "KnowledgeInvalid", "Question", "look"]
