"""Small models that the hospital distilled: kept sealed, put into service, asked by rooms."""

from .asked import Classifying, NoStudents, Opens, Passed, Student, Sure
from .errors import BadDistillation, FrozenSetRefuses, NotInThatState, UnknownDistillation
from .kept import DISTIL, Distilled, Kept, Part, State
from .serving import Serving

__all__ = [
    "DISTIL",
    "BadDistillation",
    "Classifying",
    "Distilled",
    "FrozenSetRefuses",
    "Kept",
    "NoStudents",
    "NotInThatState",
    "Opens",
    "Part",
    "Passed",
    "Serving",
    "State",
    "Student",
    "Sure",
    "UnknownDistillation",
]
