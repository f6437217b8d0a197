"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Accounts
from countersign.ground.shell.pages import Pages
from countersign.ground.shell.sessions import SESSION, SIGN_IN, VISITOR, Sessions, known, local_path
from countersign.ground.shell.tokens import new_visitor
from countersign.kit.errors import CountersignError

Text = Annotated[str, Form()]


def signin_routes(pages: Pages, accounts: Accounts, sessions: Sessions) -> APIRouter:
    """``/sign-in`` and ``/sign-out``."""
    router = APIRouter()

    def form(
        request: Request,
        back: str,
        username: str = "",
        error: CountersignError | None = None,
    ) -> Response:
        visitor = sessions.visitor(request) or new_visitor()
        request.state.form_secret = visitor
        response = pages.render(
            request,
            "shell/signin.html",
            status=error.status if error else 200,
            back=back,
            username=username,
            problem=pages.sentence(request, error) if error else None,
        )
        sessions.remember(response, VISITOR, visitor, None)
        return response

    @router.get(SIGN_IN)
    def ask(request: Request, next: str = "") -> Response:  # noqa: A002 - the usual name
        if known(request):
            return RedirectResponse(local_path(next), 303)
        return form(request, local_path(next))

    @router.post(SIGN_IN)
    def enter(
        request: Request,
        username: Text = "",
        password: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        try:
            signed_in = accounts.sign_in(
                username.strip(), password, previous=sessions.token(request)
            )
        except CountersignError as error:
            if error.status >= 500:
                raise
            return form(request, local_path(next), username, error)
        response = RedirectResponse(local_path(next), 303)
        sessions.remember(response, SESSION, signed_in.token, None)
        sessions.forget(response, VISITOR)
        return response

    @router.post("/sign-out")
    def leave(request: Request) -> Response:
        token = sessions.token(request)
        if token:
            accounts.sign_out(token)
        response = RedirectResponse(SIGN_IN, 303)
        response.headers["clear-site-data"] = '"storage"'
        sessions.forget(response, SESSION)
        return response

    return router
