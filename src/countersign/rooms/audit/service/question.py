"""Reads from an event of the ledger what was asked of the policy: by whom, for what, when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from countersign.ground.identity import Action, Purpose
from countersign.ground.ledger import EventKind, Recorded
from countersign.kit.errors import CountersignError


class NotADecision(CountersignError):
    code = "audit.not_a_decision"
    status = 404
    message = (
        "This step is not one decision about access that could be explained. A list or a search "
        "over many patients is decided patient by patient: open it in its receipt."
    )


@dataclass(frozen=True, slots=True)
class Question:
    """``actor`` is as in the ledger. ``rules`` and ``purpose`` are None where not recorded.

    ``kind`` is as in the policy's facts; ``draft`` and ``resource`` (type, id) name what the
    step was about, where it says so.
    """

    actor: str
    action: Action
    kind: str
    patient: str | None
    at: datetime
    allowed: bool
    purpose: Purpose | None = None
    rules: tuple[str, ...] | None = None
    app: str | None = None
    draft: str | None = None
    resource: tuple[str, str] | None = None

    @property
    def who(self) -> str:
        """The identifier without the kind of actor."""
        return self.actor.partition(":")[2]


_ALLOWED: Final[Mapping[str, Action]] = {
    EventKind.CHART_VIEWED: Action.CHART_READ,
    EventKind.CHART_SEARCHED: Action.CHART_READ,
    EventKind.DRAFT_VIEWED: Action.DRAFT_READ,
    EventKind.DRAFT_SIGNED: Action.DRAFT_DECIDE,
    EventKind.DRAFT_REJECTED: Action.DRAFT_DECIDE,
    EventKind.GLASS_OPENED: Action.GLASS_BREAK,
    EventKind.GLASS_USED: Action.CHART_READ,
    EventKind.GLASS_REVIEWED: Action.GLASS_REVIEW,
    EventKind.CONSENT_RECORDED: Action.CONSENT_RECORD,
    EventKind.LABEL_CHANGED: Action.LABEL_CHANGE,
    EventKind.AUDIT_VIEWED: Action.AUDIT_READ,
    EventKind.EXPORTED: Action.AUDIT_EXPORT,
    EventKind.AI_STOPPED: Action.AI_STOP,
    EventKind.AI_RESUMED: Action.AI_RESUME,
    EventKind.DELEGATED: Action.DELEGATE,
}
"""What the policy allowed before such a step."""

_OF_THE_HOUSE: Final = frozenset(
    {Action.GLASS_REVIEW, Action.AUDIT_READ, Action.AUDIT_EXPORT, Action.AI_STOP,
     Action.AI_RESUME, Action.DELEGATE}
)  # fmt: skip
_RESOURCE = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.-]{1,64})(?:/_history(?:/\d+)?)?")


def explainable(event: Recorded) -> bool:
    """Whether ``question_of`` understands it."""
    try:
        question_of(event)
    except NotADecision:
        return False
    return True


def question_of(event: Recorded) -> Question:
    """What was asked before, or refused by, this step. Raises NotADecision."""
    if event.kind == EventKind.ACCESS_DENIED:
        return _asked(event, _action(event.detail.get("action")), allowed=False)
    if event.kind == EventKind.CHART_SEARCHED and event.patient is None:
        raise NotADecision
    if event.kind not in _ALLOWED:
        raise NotADecision
    action = _ALLOWED[event.kind]
    if event.detail.get("action"):
        action = _action(event.detail["action"])
    elif action is Action.CHART_READ and _outside(event):
        action = Action.FHIR_READ
    elif event.detail.get("ordinal") == 2:
        action = Action.DRAFT_COUNTERSIGN
    return _asked(event, action, allowed=True)


def _asked(event: Recorded, action: Action, *, allowed: bool) -> Question:
    subject = event.subject or ""
    resource = _RESOURCE.fullmatch(subject)
    purpose = str(event.detail.get("purpose", ""))
    rules = str(event.detail.get("rules", ""))
    house = action in _OF_THE_HOUSE
    return Question(
        event.actor,
        action,
        _kind(event, action, resource[1] if resource else None),
        None if house else event.patient,
        event.at,
        allowed,
        Purpose(purpose) if purpose in set(Purpose) else None,
        tuple(rules.split(",")) if rules else None,
        str(event.detail["app"]) if event.detail.get("app") else None,
        subject.removeprefix("draft:") if subject.startswith("draft:") else None,
        (resource[1], resource[2]) if resource else None,
    )


def _kind(event: Recorded, action: Action, resource: str | None) -> str:
    if event.detail.get("kind"):
        return str(event.detail["kind"])
    if event.kind == EventKind.CHART_SEARCHED:
        return str(event.detail.get("type", "chart"))
    if action in _OF_THE_HOUSE:
        return "house"
    return resource or "chart"


def _action(text: object) -> Action:
    try:
        return Action(str(text))
    except ValueError:
        raise NotADecision from None


def _outside(event: Recorded) -> bool:
    return event.actor.startswith("client:") or "app" in event.detail
