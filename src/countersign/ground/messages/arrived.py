"""What comes from another system and what became of it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Received, until it is processed or fails; what failed is retried or set aside."""

    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it came. ``verdict`` is what its sender is to hear (AA, AE or AR) and
    ``reason`` why, empty for AA. ``people`` are the identifiers of the patients whom it names,
    ``authority|value`` each, the survivor's first.
    """

    raw: bytes = field(repr=False)
    sender: str
    control_id: str
    kind: str
    version: str
    verdict: str = "AA"
    reason: str = ""
    people: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """That a message is durable. ``again`` says that the very same one was there before."""

    id: str
    verdict: str
    reason: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The next message to be processed."""

    id: str
    raw: bytes = field(repr=False)
    patient: str
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A line of the list: nothing in it is clinical."""

    id: str
    number: int
    sender: str
    control_id: str
    kind: str
    at: datetime
    state: State
    reason: str
    notes: tuple[str, ...]
    attempts: int
    changed_at: datetime
    waiting_behind: int
    again: bool
    """Whether the sender used this control identifier for something else before."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One release on its way to another system."""

    number: int
    peer: str
    release: str
    patient: str
    released_at: datetime
    state: str
    reason: str
    attempts: int
    changed_at: datetime
    targets: tuple[str, ...] = ()
