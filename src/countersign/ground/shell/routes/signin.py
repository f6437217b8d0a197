"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Accounts, Entrance, SecondFactorNeeded
from countersign.ground.shell.pages import Pages, with_query
from countersign.ground.shell.sessions import (
    MINUTES,
    PENDING,
    SESSION,
    SIGN_IN,
    VISITOR,
    Sessions,
    known,
    local_path,
    party_of,
)
from countersign.ground.shell.tokens import new_visitor
from countersign.kit.errors import CountersignError

Text = Annotated[str, Form()]


def signin_routes(
    pages: Pages, accounts: Accounts, entrance: Entrance, sessions: Sessions
) -> APIRouter:
    """``/sign-in`` and ``/sign-out``."""
    desk = _Desk(pages, accounts, entrance, sessions)
    router = APIRouter()
    router.add_api_route(SIGN_IN, desk.ask, methods=["GET"])
    router.add_api_route(SIGN_IN, desk.enter, methods=["POST"])
    router.add_api_route("/sign-out", desk.leave, methods=["POST"])
    return router


class _Desk:
    """The handlers. A session's secret is always a fresh one."""

    def __init__(
        self, pages: Pages, accounts: Accounts, entrance: Entrance, sessions: Sessions
    ) -> None:
        self._pages = pages
        self._accounts = accounts
        self._entrance = entrance
        self._sessions = sessions

    def ask(self, request: Request, next: str = "") -> Response:  # noqa: A002 - the usual name
        if known(request):
            return RedirectResponse(local_path(next), 303)
        return self._form(request, local_path(next))

    def enter(
        self,
        request: Request,
        username: Text = "",
        password: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        back = local_path(next)
        try:
            signed_in = self._accounts.sign_in(
                username.strip(), password, previous=self._sessions.token(request)
            )
        except SecondFactorNeeded as needed:
            return half_way(self._sessions, needed.pending, back)
        except CountersignError as error:
            if error.status >= 500:
                raise
            return self._form(request, back, username, error)
        response = RedirectResponse(back, 303)
        self._sessions.remember(response, SESSION, signed_in.token, None)
        self._sessions.forget(response, VISITOR)
        return response

    def leave(self, request: Request) -> Response:
        token = self._sessions.token(request)
        if token:
            self._accounts.sign_out(token)
        elsewhere = self._farewell(request, token)
        if elsewhere:
            # The content policy lets no form lead elsewhere, so a page of ours goes on.
            response: Response = self._pages.render(request, "shell/leaving.html", target=elsewhere)
        else:
            response = RedirectResponse(SIGN_IN, 303)
        response.headers["clear-site-data"] = '"storage"'
        self._sessions.forget(response, SESSION)
        return response

    def _farewell(self, request: Request, token: str | None) -> str | None:
        if not self._entrance.has_provider:
            return None
        home = party_of(request, self._pages.site).origin + SIGN_IN
        try:
            return self._entrance.openid.farewell(token, home)
        except CountersignError:
            return None  # who wants to leave is never kept by what ends elsewhere

    def _form(
        self,
        request: Request,
        back: str,
        username: str = "",
        error: CountersignError | None = None,
    ) -> Response:
        visitor = self._sessions.visitor(request) or new_visitor()
        request.state.form_secret = visitor
        response = self._pages.render(
            request,
            "shell/signin.html",
            status=error.status if error else 200,
            back=back,
            username=username,
            problem=self._pages.sentence(request, error) if error else None,
            local=self._entrance.local,
            hospital=with_query("/sign-in/hospital", next=back)
            if self._entrance.has_provider
            else None,
        )
        self._sessions.remember(response, VISITOR, visitor, None)
        return response


def half_way(sessions: Sessions, pending: str, back: str) -> Response:
    """On to the second proof; the browser holds the half sign-in for ten minutes."""
    response = RedirectResponse(
        with_query("/sign-in/second", next=None if back == "/" else back), 303
    )
    sessions.remember(response, PENDING, pending, MINUTES)
    sessions.forget(response, VISITOR)
    return response
