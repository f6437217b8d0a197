"""The hospital's own documents: what is found in them, word for word, by those who may see it."""

from .passage import Hit, Passage
from .searcher import Searcher

__all__ = ["Hit", "Passage", "Searcher"]
