"""Pages on which a physician leaves work to a colleague, and the colleague answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Appointment, Delegation, Principal, days
from countersign.ground.shell import Floor, SignedIn, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.access.service import lent_kinds, when

Text = Annotated[str, Form()]
Reader = Annotated[Principal, guarded(Action.DELEGATIONS_READ)]
Delegator = Annotated[Principal, guarded(Action.DELEGATE)]
Overseer = Annotated[Principal, guarded(Action.DELEGATIONS_LIST)]

MINE = "/access/delegations"
EMPTY = {"to": "", "kind": "inbox", "reason": ""}


class Delegating:
    """One's own delegations, and the administrator's list of all."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def mine(self, request: Request, principal: Reader) -> Response:
        return self._mine(request, principal)

    def appoint(
        self,
        request: Request,
        principal: Delegator,
        to: Text = "",
        kind: Text = "",
        first: Text = "",
        last: Text = "",
        reason: Text = "",
    ) -> Response:
        said = {"to": to, "kind": kind, "first": first, "last": last, "reason": reason}
        try:
            starts, ends = days(when(first, "first"), when(last, "last"), self._floor.site.zone)
            wanted = Appointment(to, kind, starts, ends, reason)
            self._floor.delegations.appoint(principal, wanted)
        except CountersignError as problem:
            if problem.status not in (409, 422):
                raise
            return self._mine(request, principal, problem, said)
        return RedirectResponse(MINE, 303)

    def accept(self, request: Request, principal: Delegator, delegation: str) -> Response:
        return self._step(request, principal, self._floor.delegations.accept, delegation)

    def decline(self, request: Request, principal: Delegator, delegation: str) -> Response:
        return self._step(request, principal, self._floor.delegations.decline, delegation)

    def end(self, request: Request, principal: SignedIn, delegation: str) -> Response:
        return self._step(request, principal, self._floor.delegations.end, delegation)

    def everybody(self, request: Request, principal: Overseer) -> Response:
        found = self._floor.delegations.all(principal)
        return self._floor.pages.render(
            request,
            "access/delegations_all.html",
            groups=self._grouped(found),
            names=self._names(found),
            kinds=lent_kinds(),
            now=self._floor.clock(),
        )

    def _step(
        self,
        request: Request,
        principal: Principal,
        step: Callable[[Principal, str], None],
        delegation: str,
    ) -> Response:
        try:
            step(principal, delegation)
        except CountersignError as problem:
            if problem.status not in (409, 422):
                raise
            return self._mine(request, principal, problem)
        return RedirectResponse(MINE, 303)

    def _mine(
        self,
        request: Request,
        principal: Principal,
        problem: CountersignError | None = None,
        said: dict[str, str] | None = None,
    ) -> Response:
        found = self._floor.delegations.of(principal)
        today = self._floor.people.today()
        return self._floor.pages.render(
            request,
            "access/delegations.html",
            status=problem.status if problem else 200,
            me=principal.id,
            groups=self._grouped(found),
            asked=[one for one in found if self._asks(one, principal)],
            names=self._names(found),
            colleagues=self._floor.delegations.colleagues(principal),
            kinds=lent_kinds(),
            said={**EMPTY, "first": today.isoformat(), "last": _week(today), **(said or {})},
            today=today,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            now=self._floor.clock(),
        )

    def _asks(self, one: Delegation, principal: Principal) -> bool:
        return one.to == principal.id and one.state(self._floor.clock()) == "waiting"

    def _grouped(self, found: list[Delegation]) -> dict[str, list[Delegation]]:
        """What is now, what is to come, and what is past, each in its order."""
        now = self._floor.clock()
        groups: dict[str, list[Delegation]] = {"current": [], "upcoming": [], "past": []}
        for one in found:
            state = one.state(now)
            group = "upcoming" if state == "waiting" else state
            groups[group if group in groups else "past"].append(one)
        groups["upcoming"].reverse()
        return groups

    def _names(self, found: list[Delegation]) -> dict[str, str]:
        return self._floor.people.names({person for one in found for person in (one.by, one.to)})


def _week(today: date) -> str:
    return (today + timedelta(days=6)).isoformat()
