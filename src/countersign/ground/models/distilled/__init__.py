"""Small models that the hospital distilled: kept sealed, put into service, asked by rooms."""

from .asked import Classifying, Opens, Passed, Student, Sure
from .errors import BadDistillation, FrozenSetRefuses, NotInThatState, UnknownDistillation
from .kept import DISTIL, Distilled, Kept, Part, State
from .serving import Students

__all__ = [
    "DISTIL",
    "BadDistillation",
    "Classifying",
    "Distilled",
    "FrozenSetRefuses",
    "Kept",
    "NotInThatState",
    "Opens",
    "Part",
    "Passed",
    "State",
    "Student",
    "Students",
    "Sure",
    "UnknownDistillation",
]
