"""The pages of assistants: their list, one of them, and one patient's evidence with its draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.chart import PatientFilter
from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.models import UNANSWERED
from countersign.ground.shell import Floor, SignedIn, guarded
from countersign.kit.errors import CountersignError
from countersign.kit.marking import marked

from .service import ForPatient, NothingToRecommend, NothingWorded, ProposedBefore, Recommending
from .store import Assistants, Kept

Asker = Annotated[Principal, guarded(Action.LIBRARY_ASK)]
FOUND = 10
PATIENTS = 12
"""Patients that the start page offers without a search."""


def pages(floor: Floor) -> APIRouter:
    """``/assistant`` and what hangs below it."""
    router = APIRouter(prefix="/assistant")
    desk = _Desk(floor)
    for path, handler, method in (
        ("", desk.list, "GET"),
        ("/{assistant}", desk.start, "GET"),
        ("/{assistant}/patients/{patient}", desk.patient, "GET"),
        ("/{assistant}/patients/{patient}", desk.draft, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._assistants = Assistants(floor.assistants)
        self._service = Recommending(
            floor.library, floor.signoff, floor.chart, floor.policy, floor.gateway
        )

    def list(
        self,
        request: Request,
        principal: SignedIn,
        patient: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        keeps = self._may(principal, Action.LIBRARY_KEEP)
        if not keeps:
            self._floor.policy.require(principal, Action.LIBRARY_ASK, Facts.house("library"))
        kept, refused = self._assistants.all()
        mine = [one for one in kept if one.assistant.department in principal.departments]
        names = self._floor.chart.reader(principal).names({patient}) if patient else {}
        return self._floor.pages.render(
            request,
            "assistant/list.html",
            mine=mine,
            others=[one for one in kept if one not in mine],
            refused=refused if keeps else [],
            asks=self._may(principal, Action.LIBRARY_ASK),
            departments=self._departments(),
            patient=patient if patient in names else "",
            name=names.get(patient, ""),
        )

    def start(
        self,
        request: Request,
        principal: Asker,
        assistant: str,
        q: Annotated[str, Query(max_length=500)] = "",
        name: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        kept = self._assistants.one(assistant)
        asked = self._service.ask(principal, kept.assistant, q, FOUND) if q.strip() else None
        reader, of = self._floor.chart.reader(principal), kept.assistant.department
        wanted = PatientFilter(name.strip(), "" if name.strip() else of, PATIENTS)
        return self._floor.pages.render(
            request,
            "assistant/start.html",
            assistant=kept.assistant,
            q=q,
            name=name,
            asked=asked,
            found=reader.patients(wanted),
            departments=self._departments(),
            filling=self._floor.library.index.filling,
            marked=marked,
        )

    def patient(self, request: Request, principal: Asker, assistant: str, patient: str) -> Response:
        kept = self._assistants.one(assistant)
        view = self._service.for_patient(
            principal, kept.assistant, patient, self._now(), self._floor.pages.language(request)
        )
        return self._show(request, principal, kept, view)

    def draft(
        self,
        request: Request,
        principal: SignedIn,
        assistant: str,
        patient: str,
        how: Annotated[str, Form(max_length=8)] = "quotes",
    ) -> Response:
        self._floor.policy.require(principal, Action.LIBRARY_ASK, Facts.house("library"))
        kept, language = self._assistants.one(assistant), self._floor.pages.language(request)
        try:
            made = self._service.draft(
                principal, kept, patient, self._now(), language, in_words=how == "words"
            )
        except (ProposedBefore, NothingToRecommend, NothingWorded, *UNANSWERED) as problem:
            view = self._service.for_patient(
                principal, kept.assistant, patient, self._now(), language
            )
            return self._show(request, principal, kept, view, problem)
        return RedirectResponse(f"/inbox/{made}", 303)

    def _show(
        self,
        request: Request,
        principal: Principal,
        kept: Kept,
        view: ForPatient,
        problem: CountersignError | None = None,
    ) -> Response:
        return self._floor.pages.render(
            request,
            "assistant/patient.html",
            status=problem.status if problem else 200,
            assistant=kept.assistant,
            view=view,
            waiting=self._waiting(principal, view),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            filling=self._floor.library.index.filling,
            marked=marked,
            words=self._service.who_words(),
        )

    def _waiting(self, principal: Principal, view: ForPatient) -> list[str]:
        """Recommendations that wait already; their page writes the receipt when they are read."""
        if not self._may(principal, Action.INBOX_READ):
            return []
        return self._service.waiting(principal, view.patient.id)

    def _may(self, principal: Principal, action: Action) -> bool:
        return self._floor.policy.decide(principal, action, Facts.house()).allowed

    def _departments(self) -> dict[str, object]:
        return {one.code: one.name for one in self._floor.people.departments()}

    def _now(self) -> datetime:
        return self._floor.clock().astimezone(self._floor.site.zone)
