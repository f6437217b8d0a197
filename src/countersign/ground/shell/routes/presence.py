"""Showing again that it is really you, before a draft of the highest risk is signed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Code, Entrance, Passkey, Password, Proof
from countersign.ground.shell.pages import Pages, with_query
from countersign.ground.shell.sessions import Sessions, SignedIn, local_path, party_of
from countersign.kit.errors import CountersignError

Text = Annotated[str, Form()]
PRESENCE = "/me/presence"


def presence_routes(pages: Pages, entrance: Entrance, sessions: Sessions) -> APIRouter:
    """``/me/presence``."""
    desk = _Desk(pages, entrance, sessions)
    router = APIRouter()
    router.add_api_route(PRESENCE, desk.ask, methods=["GET"])
    router.add_api_route(PRESENCE, desk.prove, methods=["POST"])
    return router


class _Desk:
    def __init__(self, pages: Pages, entrance: Entrance, sessions: Sessions) -> None:
        self._pages = pages
        self._entrance = entrance
        self._sessions = sessions

    def ask(
        self,
        request: Request,
        principal: SignedIn,
        next: str = "",  # noqa: A002 - the usual name
    ) -> Response:
        return self._ask(request, local_path(next, "/me"), None)

    def prove(
        self,
        request: Request,
        principal: SignedIn,
        password: Text = "",
        code: Text = "",
        passkey: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        back = local_path(next, "/me")
        proof: Proof = Passkey(passkey) if passkey else Code(code) if code else Password(password)
        party = party_of(request, self._pages.site)
        try:
            self._entrance.step_up(self._sessions.token(request), proof, party)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return self._ask(request, back, problem)
        return RedirectResponse(back, 303)

    def _ask(self, request: Request, back: str, problem: CountersignError | None) -> Response:
        token = self._sessions.token(request) or ""
        ways = self._entrance.ways(token, party_of(request, self._pages.site))
        return self._pages.render(
            request,
            "shell/presence.html",
            status=problem.status if problem else 200,
            back=back,
            ways=ways,
            minutes=int(self._entrance.presences.valid.total_seconds() // 60),
            hospital=with_query(f"{PRESENCE}/hospital", next=back) if ways.openid else None,
            problem=self._pages.sentence(request, problem) if problem else None,
        )
