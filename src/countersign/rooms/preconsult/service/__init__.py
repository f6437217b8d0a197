"""The use cases: a patient is asked, the desk is told, a physician gets a draft."""

from .desking import Desking, Link, Row
from .interviewing import Interviewing, View
from .proposing import KIND, ROOM, SIGNERS, Proposing
from .served import served
from .summary import paths, summary

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
    "paths",
    "served",
    "summary",
]
