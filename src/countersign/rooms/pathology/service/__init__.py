"""The use cases: slides are matched, measured, corrected, signed, and leave as documents."""

from countersign.rooms.pathology.training.learners import Wanted
from countersign.rooms.pathology.training.own import LEARNT, NOT_LEARNT

from .analysing import PATHOLOGY, Analysing
from .control_keeping import Taking
from .handling import Handling, UnknownStain
from .learning import KINDS, LabelledSet, Learning
from .matching import Matching, Unclear
from .own_slides import LEFT_OUT, own_fields
from .results import Results, Shown
from .standing import NotAsDrafted, still_drafted
from .upkeep import Upkeep
from .watching import Watching, slides_in
from .worklist import FIRST, HAND, MOST, Asked, Listed, Row, Worklist

__all__ = [
    "Analysing",
    "Asked",
    "FIRST",
    "HAND",
    "Handling",
    "KINDS",
    "LEARNT",
    "LEFT_OUT",
    "LabelledSet",
    "Learning",
    "Listed",
    "MOST",
    "Matching",
    "NOT_LEARNT",
    "NotAsDrafted",
    "PATHOLOGY",
    "Results",
    "Row",
    "Shown",
    "Taking",
    "Unclear",
    "UnknownStain",
    "Upkeep",
    "Wanted",
    "Watching",
    "Worklist",
    "own_fields",
    "slides_in",
    "still_drafted",
]
