"""The use cases: a patient is asked, the desk is told, a physician gets a draft."""

from .desking import Desking, Link, Row
from .interviewing import Interviewing, View
from .proposing import KIND, ROOM, SIGNERS, Proposing
from .served import served
from .summary import changed, paths, summary
from .voice import LARGEST as LARGEST_RECORDING
from .voice import UnfitRecording, Voice

__all__ = [
    "KIND",
    "LARGEST_RECORDING",
    "ROOM",
    "SIGNERS",
    "Desking",
    "Interviewing",
    "Link",
    "Proposing",
    "Row",
    "UnfitRecording",
    "View",
    "Voice",
    "changed",
    "paths",
    "served",
    "summary",
]
