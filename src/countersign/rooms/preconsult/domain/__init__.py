"""Pure rules of pre-consultation: dangers, departments, and the way through an interview."""

from .department import Department, Departments, Leaning, read_departments
from .interview import (
    ANSWERS,
    ASK,
    BACKGROUND,
    QUESTIONS,
    SMOKING,
    WHO,
    Course,
    UnfitAnswer,
    answer,
    newest,
    steps,
)
from .linear import Model, calibrated, learn
from .red_flag import About, RedFlag, RedFlags, read_flags
from .suspicion import Suspicion
from .understanding import Claim, checked
from .wording import PlainWords, read_plain_words, says_only

__all__ = [
    "ANSWERS",
    "ASK",
    "BACKGROUND",
    "QUESTIONS",
    "SMOKING",
    "WHO",
    "About",
    "Claim",
    "UnfitAnswer",
    "Course",
    "Department",
    "Departments",
    "Leaning",
    "Model",
    "PlainWords",
    "RedFlag",
    "RedFlags",
    "Suspicion",
    "answer",
    "calibrated",
    "checked",
    "learn",
    "newest",
    "read_departments",
    "read_flags",
    "read_plain_words",
    "says_only",
    "steps",
]
