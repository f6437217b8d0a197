"""The only network client of the house; it reaches what the hospital allows and nothing else."""

from .client import Answer, Egress
from .errors import EgressFailed, EgressRefused
from .places import BadPlace, Place, places

__all__ = [
    "Answer",
    "BadPlace",
    "Egress",
    "EgressFailed",
    "EgressRefused",
    "Place",
    "places",
]
