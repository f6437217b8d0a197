"""Drafts, explanations and the only mint of ``Signed``."""

from ._mint import Signature, Signed
from .decide import Decisions
from .draft import Body, Draft, DraftHead, Proposal, RiskClass, Urgency
from .errors import (
    AlreadyDecided,
    BadDecision,
    BadProposal,
    Damaged,
    Expired,
    NothingToCountersign,
    NotLicensed,
    NotViewed,
    UnknownDraft,
)
from .explanation import Confidence, Evidence, Explanation, NoConfidence
from .facts import FactsOf
from .gate import Signoff
from .propose import Proposals
from .reading import Opened, Reading
from .reasons import REASONS
from .reasons import SYSTEM as REASON_SYSTEM
from .resources import KEPT
from .waiting import VIEWS, Listed, Listing, Waiting
from .working import WorkingCopies

__all__ = [
    "REASONS",
    "REASON_SYSTEM",
    "VIEWS",
    "AlreadyDecided",
    "KEPT",
    "BadDecision",
    "BadProposal",
    "Body",
    "Confidence",
    "Damaged",
    "Decisions",
    "Draft",
    "DraftHead",
    "Evidence",
    "Expired",
    "Explanation",
    "FactsOf",
    "Listed",
    "Listing",
    "NoConfidence",
    "NotLicensed",
    "NotViewed",
    "NothingToCountersign",
    "Opened",
    "Proposal",
    "Proposals",
    "Reading",
    "RiskClass",
    "Signature",
    "Signed",
    "Signoff",
    "UnknownDraft",
    "Urgency",
    "Waiting",
    "WorkingCopies",
]
