"""The administrator's page of messages: what came, what failed and why, what is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.messages import PAGE, State
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError

from .words import SENDING, STATES, note, reason

Text = Annotated[str, Form(max_length=100)]
Wanted = Annotated[str, Query(max_length=20)]
Reader = Annotated[Principal, guarded(Action.JOBS_READ)]
Changer = Annotated[Principal, guarded(Action.JOBS_RETRY)]
HOME = "/messages"


class BadMoment(CountersignError):
    code = "hl7v2.moment"
    status = 422
    message = "Give the day and time from which messages are to be processed again."


def pages(floor: Floor) -> APIRouter:
    """``/messages`` and what hangs below it."""
    router, desk = APIRouter(prefix=HOME), _Desk(floor)
    for path, handler, method in (
        ("", desk.show, "GET"),
        ("/replay", desk.replay, "POST"),
        ("/of/{message}/retry", desk.retry, "POST"),
        ("/of/{message}/set-aside", desk.set_aside, "POST"),
        ("/sent/{number}/retry", desk.send, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._handling = floor.messages.handling

    def show(
        self, request: Request, principal: Reader, state: Wanted = "", before: int | None = None
    ) -> Response:
        """The list, the newest first; ``state`` shows only those in it."""
        return self._page(request, principal, state, before)

    def replay(self, request: Request, principal: Changer, since: Text = "") -> Response:
        """Processes again what came since."""
        try:
            at = datetime.fromisoformat(since.strip())
        except ValueError:
            return self._page(request, principal, "", None, BadMoment(), since)
        zone = self._floor.chart.limits.zone
        self._handling.replay(at if at.tzinfo else at.replace(tzinfo=zone), principal)
        return RedirectResponse(HOME, 303)

    def retry(self, principal: Changer, message: str) -> Response:
        """Processes one again, and the later ones of its patient."""
        self._handling.retry(message, principal)
        return RedirectResponse(f"{HOME}?state=failed", 303)

    def set_aside(self, principal: Changer, message: str) -> Response:
        """Leaves one; the later ones of its patient go on."""
        self._handling.set_aside(message, principal)
        return RedirectResponse(f"{HOME}?state=failed", 303)

    def send(self, principal: Changer, number: int) -> Response:
        """Sends one again."""
        self._floor.messages.outbox.retry(number, principal)
        return RedirectResponse(f"{HOME}#sent", 303)

    def _page(
        self,
        request: Request,
        principal: Principal,
        state: str,
        before: int | None,
        problem: CountersignError | None = None,
        since: str = "",
    ) -> Response:
        chosen = State(state) if state in set(State) else None
        listed = self._handling.listed(principal, chosen, before)
        return self._floor.pages.render(
            request,
            "hl7v2/messages.html",
            status=problem.status if problem else 200,
            counts=self._handling.counts(principal),
            states=STATES,
            sending=SENDING,
            chosen=chosen,
            listed=[
                (one, reason(one.reason), [note(said) for said in one.notes]) for one in listed
            ],
            older=listed[-1].number if len(listed) == PAGE else None,
            outgoing=[
                (one, reason(one.reason)) for one in self._floor.messages.outbox.listed(principal)
            ],
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            since=since,
        )
