"""Findings from free text and from coded data, each with its place, status, holder and time."""

from .charted import from_chart
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
    "from_chart",
    "labels_from",
    "labels_of",
]
