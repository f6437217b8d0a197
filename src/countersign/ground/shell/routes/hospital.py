"""To the hospital's own sign-in and back; the browser goes there, our questions by egress."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from countersign.ground.identity import Accounts, Answered, Entrance, Session
from countersign.ground.shell.pages import Pages
from countersign.ground.shell.sessions import (
    JOURNEY,
    MINUTES,
    SESSION,
    SIGN_IN,
    VISITOR,
    Sessions,
    SignedIn,
    known,
    local_path,
    party_of,
)
from countersign.ground.shell.tokens import new_visitor
from countersign.kit.errors import CountersignError

from .signin import half_way

CALLBACK = f"{SIGN_IN}/callback"


def hospital_routes(
    pages: Pages, accounts: Accounts, entrance: Entrance, sessions: Sessions
) -> APIRouter:
    """To the provider and back, presence by it, and where it tells of sign-outs."""
    desk = _Desk(pages, accounts, entrance, sessions)
    router = APIRouter()
    router.add_api_route(f"{SIGN_IN}/hospital", desk.go, methods=["GET"])
    router.add_api_route(CALLBACK, desk.back, methods=["GET"])
    router.add_api_route("/sign-out/hospital", desk.ended, methods=["POST"])
    router.add_api_route("/me/presence/hospital", desk.again, methods=["GET"])
    return router


class _Desk:
    """The handlers. Only a link leads there: a form may not leave this house."""

    def __init__(
        self, pages: Pages, accounts: Accounts, entrance: Entrance, sessions: Sessions
    ) -> None:
        self._pages = pages
        self._accounts = accounts
        self._entrance = entrance
        self._sessions = sessions

    def go(self, request: Request, next: str = "") -> Response:  # noqa: A002 - the usual name
        if known(request):
            return RedirectResponse(local_path(next), 303)
        return self._go(request, local_path(next), None)

    def again(
        self,
        request: Request,
        principal: SignedIn,
        next: str = "",  # noqa: A002
    ) -> Response:
        session = self._accounts.required(self._sessions.token(request))
        return self._go(request, local_path(next), session)

    def ended(self, request: Request, logout_token: Annotated[str, Form()] = "") -> Response:
        """The provider itself tells that somebody signed out there (Back-Channel Logout, 2.5)."""
        try:
            self._entrance.afar.end(logout_token)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            said = self._pages.sentence(request, problem)
            return JSONResponse({"error": "invalid_request", "error_description": said}, 400)
        return Response()

    def back(
        self,
        request: Request,
        state: str = "",
        code: str = "",
        error: str = "",
        iss: str | None = None,
    ) -> Response:
        try:
            arrived = self._entrance.openid.finish(
                self._sessions.journey(request),
                Answered(state, code, error, iss),
                self._callback(request),
                self._sessions.token(request),
            )
        except CountersignError as problem:
            return self._sent_away(request, problem)
        if arrived.pending:
            response = half_way(self._sessions, arrived.pending, local_path(arrived.back))
        else:
            response = RedirectResponse(local_path(arrived.back), 303)
        if arrived.signed_in:
            self._sessions.remember(response, SESSION, arrived.signed_in.token, None)
        self._sessions.forget(response, VISITOR)
        self._sessions.forget(response, JOURNEY)
        return response

    def _go(self, request: Request, back: str, session: Session | None) -> Response:
        browser = new_visitor()
        try:
            target = self._entrance.openid.begin(browser, self._callback(request), back, session)
        except CountersignError as problem:
            return self._sent_away(request, problem)
        response = RedirectResponse(target, 303)
        self._sessions.remember(response, JOURNEY, browser, MINUTES)
        return response

    def _callback(self, request: Request) -> str:
        return party_of(request, self._pages.site).origin + CALLBACK

    def _sent_away(self, request: Request, problem: CountersignError) -> Response:
        response = self._pages.render(
            request,
            "shell/sent_away.html",
            status=problem.status,
            code=problem.code,
            sentence=self._pages.sentence(request, problem),
        )
        self._sessions.forget(response, JOURNEY)
        return response
