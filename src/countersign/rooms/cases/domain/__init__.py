"""Cases that name nobody: made of charts, counted for small groups, compared."""

from .case import OUTCOMES, Case, Item, Kind, Outcome, as_json, from_json
from .groups import LEAST, Groups, groups
from .nearest import Near, Shelf, nearest
from .summary import case_of

__all__ = [
    "LEAST",
    "OUTCOMES",
    "Case",
    "Groups",
    "Item",
    "Kind",
    "Near",
    "Outcome",
    "Shelf",
    "as_json",
    "case_of",
    "from_json",
    "groups",
    "nearest",
]
