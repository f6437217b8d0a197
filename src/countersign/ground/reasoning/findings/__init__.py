"""Findings from free text and from coded data, each with its place, status, holder and time."""

from .labels import BadLabels, labels_from, labels_of
from .recogniser import TEXT, Recogniser
from .vocabulary import Entry, Extra

__all__ = ["TEXT", "BadLabels", "Entry", "Extra", "Recogniser", "labels_from", "labels_of"]
