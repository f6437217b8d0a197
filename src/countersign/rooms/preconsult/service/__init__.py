"""The use cases: a patient is asked, the desk is told, a physician gets a draft."""

from .desking import Desking, Link, Row
from .interviewing import Interviewing, View
from .proposing import KIND, ROOM, SIGNERS, Proposing
from .reviewing import answered, danger
from .served import served
from .summary import changed, own_words, paths, summary
from .voice import Voice

__all__ = [
    "KIND",
    "ROOM",
    "SIGNERS",
    "Desking",
    "Interviewing",
    "Link",
    "Proposing",
    "Row",
    "View",
    "Voice",
    "answered",
    "changed",
    "danger",
    "own_words",
    "paths",
    "served",
    "summary",
]
