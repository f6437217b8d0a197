"""The page of one patient: note, findings, answer. It keeps nothing but what the form carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Principal
from countersign.ground.reasoning import VariantsUnreadable
from countersign.ground.shell import Floor, SignedIn
from countersign.ground.signoff import ImpressionFirst
from countersign.kit.errors import CountersignError

from .service import (
    Answer,
    BadFinding,
    Differential,
    Given,
    NoteTooLong,
    TooManyFindings,
    View,
    sourced,
)
from .service.chips import (
    by_hand,
    corrected,
    explained,
    loud_first,
    packed,
    pieces,
    quiet,
    unpacked,
)
from .service.drafting import told
from .service.genes import TooManyGenes, both, of_file, typed

Text = Annotated[str, Form()]
Many = Annotated[list[str], Form()]
Variants = Annotated[UploadFile | None, File()]


UNUSABLE = (BadFinding, NoteTooLong, TooManyFindings, TooManyGenes, VariantsUnreadable)


def pages(floor: Floor) -> APIRouter:
    """``/differential/{patient}``."""
    router = APIRouter(prefix="/differential")
    desk = _Desk(floor)
    router.add_api_route("/{patient}", desk.show, methods=["GET"])
    router.add_api_route("/{patient}", desk.work, methods=["POST"])
    router.add_api_route("/{patient}/further", desk.further, methods=["POST"])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._engines = floor.reasoning
        self._room = Differential(floor)

    def show(self, request: Request, principal: SignedIn, patient: str) -> Response:
        view = self._room.open(principal, patient)
        return self._page(request, view, self._room.start(view))

    def work(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        text: Text = "",
        finding: Many = [],  # noqa: B006 - the framework copies it
        genes: Text = "",
        impression: Text = "",
        add: Text = "",
        do: Text = "read",
        vcf: Variants = None,
    ) -> Response:
        view = self._room.open(principal, patient)
        given = Given(text.replace("\r\n", "\n"), (), typed(genes), impression[:200])
        try:
            if vcf is not None and vcf.filename:
                given = replace(given, genes=both(given.genes, of_file(vcf.file)))
            given = replace(given, chips=unpacked(finding))
            given, options = self._changed(request, given, do, add.strip())
            given = self._room.read(view, given)
            answer = self._asked(request, principal, view, given) if do == "consider" else None
        except ImpressionFirst:
            return RedirectResponse("/inbox", 303)
        except UNUSABLE as problem:
            return self._page(request, view, given, problem=problem)
        return self._page(request, view, given, answer, options, add.strip())

    def further(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        text: Text = "",
        finding: Many = [],  # noqa: B006 - the framework copies it
        genes: Text = "",
        impression: Text = "",
    ) -> Response:
        """What a language model adds to an answer that is shown already, as a piece of a page."""
        view = self._room.open(principal, patient)
        language = self._floor.pages.language(request)
        answer, problem = None, None
        try:
            chips = unpacked(finding)
            given = Given(text.replace("\r\n", "\n"), chips, typed(genes), impression[:200])
            answer = self._room.further(principal, view, self._room.read(view, given), language)
        except CountersignError as failed:
            problem = failed
        return self._floor.pages.render(
            request,
            "differential/further.html",
            status=problem.status if problem else 200,
            patient=view.chart.summary,
            label=self._engines.label,
            told=told,
            answer=answer,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _asked(self, request: Request, principal: Principal, view: View, given: Given) -> Answer:
        return self._room.ask(principal, view, given, self._floor.pages.language(request))

    def _changed(
        self, request: Request, given: Given, do: str, add: str
    ) -> tuple[Given, Sequence[str]]:
        """After one button; also terms to choose from when words to be added fit several."""
        verb, _, rest = do.partition(":")
        if verb == "set":
            number, _, to = rest.partition(":")
            place = int(number) if number.isascii() and number.isdigit() else -1
            return replace(given, chips=corrected(given.chips, place, to)), ()
        if verb == "pick" and rest:
            return replace(given, chips=by_hand(given.chips, rest[:64], "")), ()
        if verb == "add" and add:
            return given, self._engines.lookup(add, self._floor.pages.language(request))
        return given, ()

    def _page(
        self,
        request: Request,
        view: View,
        given: Given,
        answer: Answer | None = None,
        options: Sequence[str] = (),
        sought: str = "",
        problem: CountersignError | None = None,
    ) -> Response:
        given = replace(given, chips=loud_first(given.chips))
        return self._floor.pages.render(
            request,
            "differential/workup.html",
            status=problem.status if problem else 200,
            patient=view.chart.summary,
            person=view.person,
            given=given,
            genes=", ".join(given.genes),
            chips=[(packed(one), one) for one in given.chips],
            loud=sum(not quiet(one) and not explained(one) for one in given.chips),
            aside=sum(not quiet(one) for one in given.chips),
            known=any(one.finding.known for one in given.chips),
            pieces=pieces(given.text, given.chips),
            label=self._engines.label,
            options=options,
            sought=sought,
            answer=answer,
            sourced=sourced,
            adds=self._room.who_adds() if answer else None,
            acknowledged=self._engines.acknowledgement() if answer else None,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )
