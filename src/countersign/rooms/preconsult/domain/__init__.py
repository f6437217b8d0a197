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

__all__ = [
    "ANSWERS",
    "ASK",
    "BACKGROUND",
    "QUESTIONS",
    "SMOKING",
    "WHO",
    "About",
    "UnfitAnswer",
    "Course",
    "Department",
    "Departments",
    "Leaning",
    "Model",
    "RedFlag",
    "RedFlags",
    "Suspicion",
    "answer",
    "calibrated",
    "learn",
    "newest",
    "read_departments",
    "read_flags",
    "steps",
]
