"""Drafts, explanations and the only mint of ``Signed``."""

from ._mint import Signature, Signed
from .adjudication import CAUSES, OUTCOMES, ROOTS, Adjudication, Case
from .anchor import Anchor, Voice, anchor, light
from .cards import SIGNS_WITHIN, Card, Cards, Counted, Known, Quickness, Screen, Shown
from .correcting import CORRECTION, correction
from .decide import Decisions
from .draft import Body, Draft, DraftHead, Proposal, RiskClass, Urgency
from .edges import Tracing, document_node, model_node
from .errors import (
    AlreadyAdjudicated,
    AlreadyDecided,
    AlreadyRecalled,
    AlreadyReviewed,
    AlreadyTold,
    BadDecision,
    BadImpression,
    BadOutcome,
    BadOutcomeOfCard,
    BadProposal,
    BadRule,
    Damaged,
    Expired,
    ImpressionFirst,
    ModelRecalled,
    NothingToCountersign,
    NothingToRecall,
    NotLicensed,
    NotStandingIn,
    NotViewed,
    NotYourCase,
    SeenAlready,
    UnknownCard,
    UnknownCase,
    UnknownDraft,
    UnknownRecall,
    UnknownReview,
    WhyRecall,
)
from .explanation import Confidence, Evidence, Explanation, NoConfidence, Opinion, Stance
from .facts import FactsOf
from .gate import Signoff
from .impressions import Impression, Impressions
from .labels import LABELS, Labels, RecallLabel, overlaid
from .propose import Proposals
from .reading import Opened, Reading
from .reasons import REASONS
from .reasons import SYSTEM as REASON_SYSTEM
from .recall import Recall, Recalls, Scope, Touched
from .resources import KEPT
from .reviews import ANSWERS, Review, Reviews
from .rules import RuleInForce, Rules
from .vigilance import CHINESE, ENGLISH, QUICK, STREAK, Read, Vigilance
from .waiting import VIEWS, Listed, Listing, Waiting
from .working import WorkingCopies

__all__ = [
    "SIGNS_WITHIN",
    "AlreadyTold",
    "BadOutcomeOfCard",
    "Card",
    "Cards",
    "Counted",
    "Known",
    "Quickness",
    "Screen",
    "Shown",
    "UnknownCard",
    "Anchor",
    "Voice",
    "anchor",
    "light",
    "CAUSES",
    "OUTCOMES",
    "ROOTS",
    "Adjudication",
    "Case",
    "CORRECTION",
    "correction",
    "Tracing",
    "document_node",
    "model_node",
    "Impression",
    "Impressions",
    "LABELS",
    "Labels",
    "RecallLabel",
    "overlaid",
    "Recall",
    "Recalls",
    "Scope",
    "Touched",
    "ANSWERS",
    "Review",
    "Reviews",
    "RuleInForce",
    "Rules",
    "CHINESE",
    "ENGLISH",
    "QUICK",
    "STREAK",
    "Read",
    "Vigilance",
    "Opinion",
    "Stance",
    "AlreadyAdjudicated",
    "AlreadyRecalled",
    "AlreadyReviewed",
    "BadImpression",
    "BadOutcome",
    "BadRule",
    "ImpressionFirst",
    "ModelRecalled",
    "NothingToRecall",
    "NotYourCase",
    "SeenAlready",
    "UnknownCase",
    "UnknownRecall",
    "UnknownReview",
    "WhyRecall",
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
    "NotStandingIn",
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
