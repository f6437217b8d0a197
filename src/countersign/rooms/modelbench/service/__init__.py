"""What the room of language models does for a person, within what the policy allows them."""

from .study.command import StudyCommand, said

__all__ = ["StudyCommand", "said"]
