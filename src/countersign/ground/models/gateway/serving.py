"""Servers, the models on them, and which of them does which kind of work, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from countersign.ground.models.asking import Priority, Work
from countersign.ground.models.card import ModelRef
from countersign.kit.json import JSON


class State(StrEnum):
    """Whether a server is given work: draining finishes what it has and takes nothing new."""

    SERVING = "serving"
    DRAINING = "draining"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class NewServer:
    """What an administrator says of a server.

    ``address`` ends before ``/chat/completions``, as clients of OpenAI's interface want it.
    ``places`` is how many requests it serves at once. Prices are yuan for a million tokens.
    ``token`` None leaves the one that is kept, "" takes it back.
    """

    name: str
    address: str
    places: int = 8
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)
    notes: str = ""
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Served:
    """A model by the server's own name for it, and the registered version behind that."""

    model: str
    ref: ModelRef


@dataclass(frozen=True, slots=True)
class Server:
    """A server as it stands now. ``probed`` is what the last probe found, None before any."""

    name: str
    address: str
    places: int
    price_in: Decimal
    price_out: Decimal
    notes: str
    state: State
    actor: str
    at: datetime
    token_number: int | None = None
    probed: JSON | None = None
    probed_at: datetime | None = None
    models: tuple[Served, ...] = ()

    def served(self, model: str) -> Served | None:
        """What answers here under that name."""
        return next((one for one in self.models if one.model == model), None)

    def able(self, model: str, what: str) -> bool | None:
        """Whether the probe found that a model here can do ``what``; None where nobody knows."""
        found = (self.probed or {}).get("able", {}).get(model, {}).get(what)
        return found if isinstance(found, bool) else None

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """In yuan."""
        return (self.price_in * tokens_in + self.price_out * tokens_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One model of one server in a chain of fall-backs."""

    server: str
    model: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who does a kind of work, the first choice first, and within which bounds.

    ``seconds`` is the longest that one answer may take; ``cap`` is the best priority that this
    work may have. Budgets are of a day of the hospital's calendar, quotas of the last hour;
    None is no bound. Money is yuan.
    """

    work: Work
    chain: tuple[Choice, ...]
    seconds: float = 60.0
    cap: Priority = Priority.PRESENT
    tokens_day: int | None = None
    money_day: Decimal | None = None
    person_hour: int | None = None
    room_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a server fares: closed while ``opened_at`` is None, else resting until it is tried."""

    failures: int = 0
    opened_at: datetime | None = None
    rests_until: datetime | None = None
    trying_until: datetime | None = None

    def state(self, now: datetime) -> str:
        """closed, open (left alone) or half-open (one request may try it)."""
        if self.opened_at is None or self.rests_until is None:
            return "closed"
        return "open" if now < self.rests_until else "half-open"


CLOSED = Breaker()


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that decides who answers, as of one moment."""

    servers: Mapping[str, Server]
    assignments: Mapping[Work, Assignment]
    breakers: Mapping[str, Breaker]


@dataclass(frozen=True, slots=True)
class Seat:
    """A model on a server that is asked; ``first`` is whether it is the first choice."""

    server: Server
    model: str
    ref: ModelRef
    first: bool
