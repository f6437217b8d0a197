"""The use cases of assistants, under the name of the person who asks."""

from .proposing import SIGNERS
from .recommending import ForPatient, NothingToRecommend, ProposedBefore, Recommending

__all__ = ["ForPatient", "NothingToRecommend", "ProposedBefore", "Recommending", "SIGNERS"]
