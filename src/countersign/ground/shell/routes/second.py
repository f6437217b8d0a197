"""The second proof at sign-in, and setting one up where the hospital demands it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Code, Enrolled, Entrance, Passkey, SignedIn, SignedOut
from countersign.ground.shell.drawing import drawing, spaced
from countersign.ground.shell.pages import Pages, with_query
from countersign.ground.shell.sessions import (
    PENDING,
    SESSION,
    SIGN_IN,
    Sessions,
    local_path,
    party_of,
)
from countersign.kit.errors import CountersignError

Text = Annotated[str, Form()]


def second_routes(pages: Pages, entrance: Entrance, sessions: Sessions) -> APIRouter:
    """``/sign-in/second`` and ``/sign-in/set-up``."""
    desk = _Desk(pages, entrance, sessions)
    router = APIRouter(prefix=SIGN_IN)
    router.add_api_route("/second", desk.ask, methods=["GET"])
    router.add_api_route("/second", desk.prove, methods=["POST"])
    router.add_api_route("/set-up", desk.offer, methods=["GET"])
    router.add_api_route("/set-up", desk.set_up, methods=["POST"])
    return router


class _Desk:
    """The handlers; each is given a half sign-in by its cookie, or leads back to the first page."""

    def __init__(self, pages: Pages, entrance: Entrance, sessions: Sessions) -> None:
        self._pages = pages
        self._entrance = entrance
        self._sessions = sessions

    def ask(self, request: Request, next: str = "") -> Response:  # noqa: A002 - the usual name
        return self._ask(request, local_path(next), None)

    def prove(
        self,
        request: Request,
        code: Text = "",
        passkey: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        back, pending = local_path(next), self._sessions.pending(request) or ""
        proof = Passkey(passkey) if passkey else Code(code)
        party = party_of(request, self._pages.site)
        try:
            signed_in = self._entrance.finish(pending, proof, party, self._sessions.token(request))
        except SignedOut:
            return self._anew(back)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return self._ask(request, back, problem)
        return self._in(RedirectResponse(back, 303), signed_in)

    def offer(self, request: Request, next: str = "") -> Response:  # noqa: A002
        return self._offer(request, local_path(next), None)

    def set_up(
        self,
        request: Request,
        code: Text = "",
        passkey: Text = "",
        label: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        back = local_path(next)
        try:
            signed_in, enrolled = self._enrolled(request, code, passkey, label)
        except SignedOut:
            return self._anew(back)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return self._offer(request, back, problem)
        request.state.principal = signed_in.principal
        request.state.form_secret = signed_in.token
        page = self._pages.render(
            request, "shell/codes.html", codes=enrolled.codes, onward=back, first=True
        )
        return self._in(page, signed_in)

    def _enrolled(
        self, request: Request, code: str, passkey: str, label: str
    ) -> tuple[SignedIn, Enrolled]:
        pending, previous = self._sessions.pending(request) or "", self._sessions.token(request)
        if not passkey:
            return self._entrance.finish_enrolled(pending, code, previous)
        party = party_of(request, self._pages.site)
        return self._entrance.finish_registered(pending, passkey, label, party, previous)

    def _ask(self, request: Request, back: str, problem: CountersignError | None) -> Response:
        pending = self._sessions.pending(request)
        waiting = self._entrance.waiting(pending)
        if waiting is None or pending is None:
            return self._anew(back)
        if not waiting.enrolled:
            return RedirectResponse(with_query("/sign-in/set-up", next=back), 303)
        request.state.form_secret = pending
        return self._pages.render(
            request,
            "shell/second.html",
            status=problem.status if problem else 200,
            name=waiting.name,
            back=back,
            ways=self._entrance.asked(pending, party_of(request, self._pages.site)),
            problem=self._pages.sentence(request, problem) if problem else None,
        )

    def _offer(self, request: Request, back: str, problem: CountersignError | None) -> Response:
        pending = self._sessions.pending(request)
        waiting = self._entrance.waiting(pending)
        if waiting is None:
            return self._anew(back)
        if waiting.enrolled:
            return RedirectResponse(with_query("/sign-in/second", next=back), 303)
        holder = self._entrance.enrolment.newcomer(pending)
        request.state.form_secret = pending
        secret = self._entrance.enrolment.secret(holder)
        party = party_of(request, self._pages.site)
        return self._pages.render(
            request,
            "shell/set_up.html",
            status=problem.status if problem else 200,
            back=back,
            action="/sign-in/set-up",
            demanded=True,
            replaces=False,
            drawn=drawing(secret, party.name, holder.name),
            typed=spaced(secret),
            passkey=self._entrance.enrolment.offer(holder, party),
            problem=self._pages.sentence(request, problem) if problem else None,
        )

    def _anew(self, back: str) -> Response:
        response = RedirectResponse(with_query(SIGN_IN, next=None if back == "/" else back), 303)
        self._sessions.forget(response, PENDING)
        return response

    def _in(self, response: Response, signed_in: SignedIn) -> Response:
        self._sessions.remember(response, SESSION, signed_in.token, None)
        self._sessions.forget(response, PENDING)
        return response
