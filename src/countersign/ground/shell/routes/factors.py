"""A person's own second factors: what is set up, adding, taking away, codes on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Enrolled, Entrance, Holder, StepUpNeeded
from countersign.ground.shell.drawing import drawing, spaced
from countersign.ground.shell.pages import Pages, with_query
from countersign.ground.shell.sessions import Sessions, SignedIn, party_of
from countersign.kit.errors import CountersignError

from .presence import PRESENCE

Text = Annotated[str, Form()]
MINE = "/me/second"


def factor_routes(pages: Pages, entrance: Entrance, sessions: Sessions) -> APIRouter:
    """``/me/second`` and what hangs below it."""
    desk = _Desk(pages, entrance, sessions)
    router = APIRouter(prefix=MINE)
    router.add_api_route("", desk.mine, methods=["GET"])
    router.add_api_route("/set-up", desk.offer, methods=["GET"])
    router.add_api_route("/set-up", desk.set_up, methods=["POST"])
    router.add_api_route("/codes", desk.codes, methods=["POST"])
    router.add_api_route("/{factor}/remove", desk.remove, methods=["POST"])
    return router


class _Desk:
    """The handlers. Changing anything asks for a fresh proof of presence first."""

    def __init__(self, pages: Pages, entrance: Entrance, sessions: Sessions) -> None:
        self._pages = pages
        self._entrance = entrance
        self._sessions = sessions

    def mine(self, request: Request, principal: SignedIn, removed: bool = False) -> Response:
        enrolment = self._entrance.enrolment
        return self._pages.render(
            request,
            "shell/factors.html",
            factors=enrolment.of(principal.id),
            gone=enrolment.of(principal.id, removed=True)[-5:],
            codes_left=enrolment.codes_left(principal.id),
            removed=removed,
        )

    def offer(self, request: Request, principal: SignedIn) -> Response:
        return self._present(request, lambda holder: self._offer(request, holder, None), "/set-up")

    def set_up(
        self,
        request: Request,
        principal: SignedIn,
        code: Text = "",
        passkey: Text = "",
        label: Text = "",
    ) -> Response:
        def work(holder: Holder) -> Response:
            try:
                enrolled = self._enrolled(request, holder, code, passkey, label)
            except CountersignError as problem:
                if problem.status >= 500:
                    raise
                return self._offer(request, holder, problem)
            if not enrolled.codes:
                return RedirectResponse(MINE, 303)
            return self._codes(request, enrolled.codes, first=True)

        return self._present(request, work, "/set-up")

    def codes(self, request: Request, principal: SignedIn) -> Response:
        def work(holder: Holder) -> Response:
            return self._codes(request, self._entrance.enrolment.renew_codes(holder), first=False)

        return self._present(request, work)

    def remove(self, request: Request, principal: SignedIn, factor: str) -> Response:
        def work(holder: Holder) -> Response:
            self._entrance.enrolment.remove(holder, factor)
            return RedirectResponse(with_query(MINE, removed="true"), 303)

        return self._present(request, work)

    def _present(
        self, request: Request, work: Callable[[Holder], Response], below: str = ""
    ) -> Response:
        try:
            holder = self._entrance.enrolment.holder(self._sessions.token(request))
        except StepUpNeeded:
            return RedirectResponse(with_query(PRESENCE, next=MINE + below), 303)
        return work(holder)

    def _enrolled(
        self, request: Request, holder: Holder, code: str, passkey: str, label: str
    ) -> Enrolled:
        if not passkey:
            return self._entrance.enrolment.confirm(holder, code)
        party = party_of(request, self._pages.site)
        return self._entrance.enrolment.register(holder, party, passkey, label)

    def _offer(
        self, request: Request, holder: Holder, problem: CountersignError | None
    ) -> Response:
        party = party_of(request, self._pages.site)
        enrolment = self._entrance.enrolment
        secret, mine = enrolment.secret(holder), enrolment.of(holder.person)
        return self._pages.render(
            request,
            "shell/set_up.html",
            status=problem.status if problem else 200,
            back="",
            action=f"{MINE}/set-up",
            demanded=False,
            replaces=any(one.kind == "totp" for one in mine),
            drawn=drawing(secret, party.name, holder.name),
            typed=spaced(secret),
            passkey=enrolment.offer(holder, party),
            problem=self._pages.sentence(request, problem) if problem else None,
        )

    def _codes(self, request: Request, codes: tuple[str, ...], *, first: bool) -> Response:
        return self._pages.render(
            request, "shell/codes.html", codes=codes, onward=MINE, first=first
        )
