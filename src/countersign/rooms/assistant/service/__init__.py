"""The use cases of assistants, under the name of the person who asks."""

from .proposing import SIGNERS
from .recommending import ForPatient, NothingToRecommend, ProposedBefore, Recommending
from .wording import NothingWorded

__all__ = [
    "ForPatient",
    "NothingToRecommend",
    "NothingWorded",
    "ProposedBefore",
    "Recommending",
    "SIGNERS",
]
