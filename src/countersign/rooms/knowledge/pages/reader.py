"""The pages of those who ask: a question, a document, a page of it, a patient."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.library import VERDICTS, Open, UnknownDocument
from countersign.ground.shell import Floor, SignedIn, guarded, local_path
from countersign.kit.errors import CountersignError
from countersign.kit.marking import marked
from countersign.rooms.knowledge.domain.layout import PART, laid_out, part_of
from countersign.rooms.knowledge.service import FOUND, Knowledge, Wording, conflicts

Asker = Annotated[Principal, guarded(Action.LIBRARY_ASK)]
Text = Annotated[str, Form()]
YEAR = timedelta(days=365)


class Reader:
    """Handlers for physicians and everybody else who reads."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._library = floor.library
        self._knowledge = Knowledge(floor.library, floor.signoff, floor.chart, floor.clock)
        self._wording = Wording(floor.library, floor.gateway)

    def ask(
        self,
        request: Request,
        principal: Asker,
        q: Annotated[str, Query(max_length=500)] = "",
    ) -> Response:
        answer = self._library.finding.ask(principal, q, FOUND) if q.strip() else None
        return self._floor.pages.render(
            request,
            "knowledge/ask.html",
            q=q,
            answer=answer,
            conflicts=conflicts(answer.support) if answer else (),
            filling=self._library.index.filling,
            verdicts=VERDICTS,
            marked=marked,
            writes=self._wording.ready() if answer and answer.support else None,
        )

    def written(
        self,
        request: Request,
        principal: Asker,
        q: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        """What a language model words from the passages, as a piece of a page."""
        written, problem = None, None
        try:
            written = self._wording.write(principal, q)
        except CountersignError as failed:
            problem = failed
        return self._floor.pages.render(
            request,
            "knowledge/written.html",
            status=problem.status if problem else 200,
            q=q,
            written=written,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def for_patient(self, request: Request, principal: Asker, patient: str) -> Response:
        language = self._floor.pages.language(request)
        view = self._knowledge.for_patient(principal, patient, self._today(), language)
        return self._floor.pages.render(
            request,
            "knowledge/patient.html",
            view=view,
            filling=self._library.index.filling,
            verdicts=VERDICTS,
            marked=marked,
        )

    def document(self, request: Request, principal: SignedIn, document: str) -> Response:
        self._may_enter(principal)
        return self._show(request, self._library.consulting.open(principal, document))

    def version(
        self,
        request: Request,
        principal: SignedIn,
        document: str,
        version: str,
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
        part: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        self._may_enter(principal)
        opened = self._library.consulting.open(principal, document, version)
        return self._show(request, opened, (start, end), part)

    def page(
        self,
        request: Request,
        principal: SignedIn,
        document: str,
        version: str,
        page: int,
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        self._may_enter(principal)
        opened = self._library.consulting.open(principal, document, version)
        span = next((one for one in opened.text.understood.pages if one.number == page), None)
        if span is None:
            raise UnknownDocument
        blocks = [one for one in opened.text.understood.blocks if one.page == page]
        marks = [(start, end)] if start < end else []
        return self._floor.pages.render(
            request,
            "knowledge/page.html",
            open=opened,
            span=span,
            last=len(opened.text.understood.pages),
            laid=laid_out(opened.text.understood.text, blocks, marks),
        )

    def image(self, principal: SignedIn, document: str, version: str, page: int) -> Response:
        self._may_enter(principal)
        picture = self._library.consulting.page(principal, document, version, page)
        return Response(picture, media_type="image/jpeg")

    def judge(
        self,
        principal: SignedIn,
        document: str,
        version: str,
        first: Annotated[int, Form()] = 0,
        last: Annotated[int, Form()] = 0,
        verdict: Text = "",
        text: Text = "",
        back: Text = "",
        question: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        self._may_enter(principal)
        place = (first, last)
        self._library.consulting.judge(principal, document, version, place, verdict, text, question)
        return RedirectResponse(
            local_path(back) if back else f"/knowledge/documents/{document}", 303
        )

    def review(
        self, principal: SignedIn, document: str, due: Annotated[str, Form(max_length=10)] = ""
    ) -> Response:
        self._may_enter(principal)
        until = date.fromisoformat(due) if _is_date(due) else self._today() + YEAR
        self._library.keeping.review(principal, document, until)
        return RedirectResponse(f"/knowledge/documents/{document}", 303)

    def _show(
        self, request: Request, opened: Open, mark: tuple[int, int] = (0, 0), part: int = 0
    ) -> Response:
        understood = opened.text.understood
        wanted = part or part_of(understood.blocks, mark[0])
        blocks = understood.blocks[(wanted - 1) * PART : wanted * PART]
        names = self._floor.people.names(
            {one for one in (opened.document.card.owner, opened.document.card.reviewer) if one}
        )
        return self._floor.pages.render(
            request,
            "knowledge/document.html",
            open=opened,
            laid=laid_out(understood.text, blocks, [mark] if mark[0] < mark[1] else []),
            mark=mark,
            part=wanted,
            parts=-(-len(understood.blocks) // PART),
            names=names,
            verdicts=VERDICTS,
            next_review=self._today() + YEAR,
        )

    def _may_enter(self, principal: Principal) -> None:
        """Whoever asks or keeps may open documents; each document is decided by itself."""
        house = Facts.house("library")
        if not self._floor.policy.decide(principal, Action.LIBRARY_KEEP, house).allowed:
            self._floor.policy.require(principal, Action.LIBRARY_ASK, house)

    def _today(self) -> date:
        return self._floor.clock().astimezone(self._floor.site.zone).date()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
