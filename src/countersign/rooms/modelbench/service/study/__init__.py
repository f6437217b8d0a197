"""Studies of cost and performance: started, carried on, read, priced and recommended."""

from . import wording
from .answering import Answered, Answering, OverEgress, Reached, ServerSilent
from .planning import estimated_seconds, example_plan, plan_from_toml
from .reading import Result, ResultRow, StudyResults
from .running import Progressing, Running, progress_of

__all__ = [
    "Answered",
    "Answering",
    "OverEgress",
    "Progressing",
    "Reached",
    "Result",
    "ResultRow",
    "Running",
    "StudyResults",
    "ServerSilent",
    "estimated_seconds",
    "example_plan",
    "plan_from_toml",
    "progress_of",
    "wording",
]
