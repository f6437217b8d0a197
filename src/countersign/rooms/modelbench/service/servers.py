"""Reads what an administrator wrote about servers and work, and gathers what the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from countersign.ground.identity import Principal
from countersign.ground.models import (
    Asking,
    Assignment,
    Choice,
    ModelDesk,
    NewServer,
    Priority,
    Ready,
    State,
    UnfitAssignment,
    UnfitServer,
    Work,
)
from countersign.kit.words import Words

from .works import WORKS, Told

STATES: Mapping[str, State] = {
    "drain": State.DRAINING,
    "resume": State.SERVING,
    "remove": State.REMOVED,
}
CHOICES = 4
"""Models of a chain that the form offers places for."""

NUMBERS = Words(
    "write numbers in digits, such as 8 or 2.5",
    "请用数字填写，例如 8 或 2.5",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of work on a page: who would answer now, and who was to."""

    work: Work
    told: Told
    ready: Ready | None
    assignment: Assignment | None
    tokens: int
    money: Decimal


class LanguageServers:
    """Use cases of the administrator's pages; what may be done is asked by each page's guard."""

    def __init__(self, desk: ModelDesk, gateway: Asking) -> None:
        self._desk = desk
        self._gateway = gateway

    def lines(self) -> list[Line]:
        """Every kind of work, in the order of the list."""
        assignments, today = self._desk.assignments(), self._desk.today()
        return [
            Line(
                work,
                told,
                self._gateway.ready(work),
                assignments.get(work),
                today[work].tokens if work in today else 0,
                today[work].money if work in today else Decimal(0),
            )
            for work, told in WORKS.items()
        ]

    def options(self) -> list[tuple[str, str]]:
        """Every model that can be assigned: what the form sends, and what it shows."""
        return [
            (f"{server.name}/{one.model}", f"{server.name} · {one.model}")
            for server in self._desk.servers().values()
            for one in server.models
        ]

    def put(self, by: Principal, form: Mapping[str, str], *, known: bool) -> str:
        """Adds or changes a server as the form says; returns its name. Raises UnfitServer."""
        try:
            new = NewServer(
                name=form["name"].strip(),
                address=form["address"].strip().rstrip("/"),
                places=int(form["places"]),
                price_in=_decimal(form["price_in"]) or Decimal(0),
                price_out=_decimal(form["price_out"]) or Decimal(0),
                notes=form["notes"].strip(),
                token=form["token"].strip() or None,
            )
        except (ValueError, InvalidOperation):
            raise UnfitServer(what=NUMBERS) from None
        self._desk.put(by, new, known=known)
        return new.name

    def assign(self, by: Principal, work: Work, form: Mapping[str, str]) -> None:
        """Assigns models to a kind of work as the form says. Raises UnfitAssignment."""
        chosen = [form[f"choice{at}"] for at in range(1, CHOICES + 1)]
        try:
            new = Assignment(
                work=work,
                chain=tuple(_choice(one) for one in chosen if one),
                seconds=float(form["seconds"] or 60),
                cap=Priority(int(form["cap"] or 0)),
                tokens_day=_whole(form["tokens_day"]),
                money_day=_decimal(form["money_day"]),
                person_hour=_whole(form["person_hour"]),
                room_hour=_whole(form["room_hour"]),
            )
        except (ValueError, InvalidOperation):
            raise UnfitAssignment(what=NUMBERS) from None
        self._desk.assign(by, new)


def _choice(text: str) -> Choice:
    server, _, model = text.partition("/")
    return Choice(server, model)


def _whole(text: str) -> int | None:
    return int(text.strip().replace(",", "")) if text.strip() else None


def _decimal(text: str) -> Decimal | None:
    if not text.strip():
        return None
    found = Decimal(text.strip().replace(",", ""))
    if not found.is_finite() or abs(found) >= 10**7:
        raise ValueError("no sum of money")
    return found
