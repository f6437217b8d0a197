"""Findings from free text and from coded data, each with its place, status, holder and time."""

from .charted import from_chart
from .coded import problem as coded_problem
from .explained import named as explaining_name
from .explained import usual as usually_explained
from .labels import BadLabels, labels_from, labels_of
from .recogniser import TEXT, Recogniser
from .tagger import BadTagger, Tagger
from .vocabulary import Entry, Extra

__all__ = [
    "TEXT",
    "BadLabels",
    "BadTagger",
    "Entry",
    "Extra",
    "Recogniser",
    "Tagger",
    "coded_problem",
    "explaining_name",
    "from_chart",
    "labels_from",
    "labels_of",
    "usually_explained",
]
