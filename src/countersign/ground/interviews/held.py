"""The things that pass between the keeper of interviews and those who use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

ACTOR = "system:interview"
"""Who acts where a patient holds a link: nobody of the house."""

State = Literal["invited", "opened", "sent", "revoked", "expired"]


@dataclass(frozen=True, slots=True)
class Held:
    """An interview whose link was shown; made by ``Links.open`` and nowhere else."""

    id: str
    patient: str
    department: str
    protocol: str
    state: State
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer: ``item`` says to what, ``value`` is what was given."""

    number: int
    item: str
    value: Mapping[str, Any] = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """A danger that a patient told; ``flags`` name rules of the protocol, or it is suspected."""

    id: str
    interview: str
    patient: str
    urgent: bool
    flags: tuple[str, ...] = field(repr=False)
    at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An interview as the desk sees it."""

    id: str
    patient: str
    department: str
    state: State
    at: datetime
    expires_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Protocol:
    """What patients may be asked and told, as one version of it."""

    id: str
    number: int
    content: Mapping[str, Any]
    sha256: str
    state: Literal["draft", "signed", "withdrawn"]
    actor: str
    at: datetime
    signed_by: str | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a report that was attached."""

    id: str
    media: str
    size: int
    at: datetime
