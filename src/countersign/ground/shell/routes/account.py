"""What the house knows of the person who is signed in, their password and their purpose."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Accounts, Directory, Purpose, purposes
from countersign.ground.shell.pages import Pages
from countersign.ground.shell.sessions import SESSION, Sessions, SignedIn
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

Text = Annotated[str, Form()]

DIFFERENT = Words(
    "The two new passwords are not the same. Type the new password twice.",
    "两次输入的新密码不一致。请重新输入两次新密码。",
)


def account_routes(
    pages: Pages, accounts: Accounts, sessions: Sessions, people: Directory
) -> APIRouter:
    """``/me``, ``/me/password`` and ``/me/purpose``."""
    desk = _Account(pages, accounts, sessions, people)
    router = APIRouter(prefix="/me")
    router.add_api_route("", desk.me, methods=["GET"])
    router.add_api_route("/password", desk.ask, methods=["GET"])
    router.add_api_route("/password", desk.change, methods=["POST"])
    router.add_api_route("/purpose", desk.purpose, methods=["POST"])
    return router


class _Account:
    """The handlers. A session's secret is renewed with the password and with the purpose."""

    def __init__(
        self, pages: Pages, accounts: Accounts, sessions: Sessions, people: Directory
    ) -> None:
        self._pages = pages
        self._accounts = accounts
        self._sessions = sessions
        self._people = people

    def me(self, request: Request, principal: SignedIn, changed: bool = False) -> Response:
        say = self._pages.formats(request).say
        return self._pages.render(
            request,
            "shell/me.html",
            purposes=purposes(principal.roles),
            departments=[say(one) for one in self._people.called(principal.departments)],
            changed=changed,
        )

    def ask(self, request: Request, principal: SignedIn) -> Response:
        return self._pages.render(request, "shell/password.html", problem=None)

    def change(
        self,
        request: Request,
        principal: SignedIn,
        old: Text = "",
        new: Text = "",
        again: Text = "",
    ) -> Response:
        if new != again:
            return self._again(request, 422, self._pages.formats(request).say(DIFFERENT))
        try:
            opened = self._accounts.change_password(self._token(request), old, new)
        except CountersignError as error:
            if error.status >= 500:
                raise
            return self._again(request, error.status, self._pages.sentence(request, error))
        return self._renewed("/me?changed=true", opened.token)

    def purpose(
        self, request: Request, principal: SignedIn, purpose: Annotated[Purpose, Form()]
    ) -> Response:
        opened = self._accounts.change_purpose(self._token(request), purpose)
        return self._renewed("/", opened.token)

    def _token(self, request: Request) -> str:
        return self._sessions.token(request) or ""

    def _again(self, request: Request, status: int, problem: str) -> Response:
        return self._pages.render(request, "shell/password.html", status=status, problem=problem)

    def _renewed(self, path: str, token: str) -> Response:
        response = RedirectResponse(path, 303)
        self._sessions.remember(response, SESSION, token, None)
        return response
