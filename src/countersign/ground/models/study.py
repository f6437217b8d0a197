"""What is kept of a study: its state, what answers were worth, what other tools said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

RUN: Final = "modelbench.study"
"""The task that carries a study on."""
State = Literal["running", "failed", "finished", "cancelled"]
ENDED: Final = frozenset({"finished", "cancelled"})


class UnknownStudy(CountersignError):
    code = "study.unknown"
    status = 404
    message = "There is no such study. Choose one from the list."


class StudyEnded(CountersignError):
    code = "study.ended"
    status = 409
    message = "This study has ended already. Load the page again."


@dataclass(frozen=True, slots=True)
class KeptStudy:
    """A study and its newest state. ``code`` is that of the error of a failed one."""

    id: str
    title: str
    plan: JSON
    actor: str
    at: datetime
    state: State
    code: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What one answer was worth. ``gold`` is the right label where labels are answered."""

    configuration: str
    set_name: str
    item: str
    score: float
    label: str
    gold: str
    unreadable: bool
    failed: str
    tokens_in: int
    tokens_out: int
    seconds: float


@dataclass(frozen=True, slots=True)
class KeptImport:
    """Results of another tool; ``study`` None where they stand for themselves."""

    id: str
    study: str | None
    configuration: str
    tool: str
    tool_version: str
    file_sha256: str
    content: JSON
    actor: str
    at: datetime
