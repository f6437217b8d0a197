"""The hospital's own knowledge: what every room may find, quote and learn from."""

from .cases import (
    BUILD,
    LONGEST_NAME,
    BadCollection,
    CaseCollections,
    Collection,
    Entry,
    UnknownCollection,
    WrongState,
)

__all__ = [
    "BUILD",
    "LONGEST_NAME",
    "BadCollection",
    "CaseCollections",
    "Collection",
    "Entry",
    "UnknownCollection",
    "WrongState",
]
