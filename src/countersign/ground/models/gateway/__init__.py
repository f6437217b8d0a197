"""The gateway: servers, the queue before them, prompts with their data fenced, every call kept."""

from .access import Access
from .book import Probing, Servers, Step
from .breakers import Breakers
from .desk import PROBE, Counted, Fares, ModelDesk
from .errors import (
    WHY,
    CallsBehind,
    NoSuchServer,
    Trouble,
    UnfitAssignment,
    UnfitPrompt,
    UnfitServer,
)
from .gateway import Gateway
from .hearing import CARD as HEARING_CARD
from .looking import thorough
from .planning import Spent
from .probe import PROBLEMS, Post, Probed, ProbedModel, Reply, over, probe
from .prompts import PromptFile, load_prompt, load_prompts
from .queue import Load, Places
from .serving import Assignment, Breaker, Choice, NewServer, Served, Server, State

__all__ = [
    "HEARING_CARD",
    "WHY",
    "Access",
    "Assignment",
    "Breaker",
    "Breakers",
    "CallsBehind",
    "Counted",
    "Fares",
    "ModelDesk",
    "Choice",
    "Gateway",
    "Load",
    "NewServer",
    "NoSuchServer",
    "PROBE",
    "PROBLEMS",
    "Places",
    "Post",
    "Probed",
    "ProbedModel",
    "Reply",
    "over",
    "probe",
    "thorough",
    "Probing",
    "PromptFile",
    "Served",
    "Server",
    "Servers",
    "Spent",
    "State",
    "Step",
    "Trouble",
    "UnfitAssignment",
    "UnfitPrompt",
    "UnfitServer",
    "load_prompt",
    "load_prompts",
]
