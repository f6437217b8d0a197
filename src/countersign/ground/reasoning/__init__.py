"""From findings to diagnoses worth considering, by pure rules and small models."""

from .candidate import Candidate, Ranking, Weight
from .finding import Finding, Holder, Place, Status

__all__ = ["Candidate", "Finding", "Holder", "Place", "Ranking", "Status", "Weight"]
