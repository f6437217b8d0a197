"""Pages about one patient: break-glass, and consent."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import REASONS, Action, Principal, Stated
from countersign.ground.shell import Floor, SignedIn, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.access.service import LABELS, REFUSALS, Access

Text = Annotated[str, Form()]
Many = Annotated[list[str], Form()]
Physician = Annotated[Principal, guarded(Action.GLASS_SEARCH)]


class Patients:
    """Charts opened in an emergency, and what patients refuse."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._access = Access(
            floor.chart, floor.glass, floor.policy, floor.ledger, floor.clock, floor.new_id
        )

    def search(
        self,
        request: Request,
        principal: Physician,
        who: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        return self._search(request, principal, who)

    def open(
        self,
        request: Request,
        principal: Physician,
        patient: Text = "",
        who: Text = "",
        reason: Text = "",
        text: Text = "",
        labels: Many = [],  # noqa: B006 - the framework copies it
    ) -> Response:
        stated = Stated(reason, text, frozenset(labels))
        try:
            self._access.open(principal, patient, stated)
        except CountersignError as problem:
            if problem.status >= 500 or problem.status in (403, 404):
                raise
            return self._search(request, principal, who, problem, patient, stated)
        return RedirectResponse(f"/charts/{patient}", 303)

    def end(self, principal: SignedIn, opening: Text = "") -> Response:
        self._floor.glass.end(principal, opening)
        return RedirectResponse("/access/break-glass", 303)

    def _search(
        self,
        request: Request,
        principal: Principal,
        who: str,
        problem: CountersignError | None = None,
        chosen: str = "",
        stated: Stated | None = None,
    ) -> Response:
        found = self._access.identify(principal, who) if who.strip() else None
        candidates = found.candidates if found else ()
        return self._floor.pages.render(
            request,
            "access/break_glass.html",
            status=problem.status if problem else 200,
            who=who,
            found=found,
            open_anyway={one.id for one in candidates if self._access.sees(principal, one.id)},
            reasons=REASONS,
            labels=LABELS,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            chosen=chosen,
            stated=stated,
        )

    def consents(self, request: Request, principal: SignedIn, patient: str) -> Response:
        return self._consents(request, principal, patient)

    def refuse(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        refused: Many = [],  # noqa: B006 - the framework copies it
        departments: Many = [],  # noqa: B006
    ) -> Response:
        known = {one.code for one in self._floor.people.departments()}
        try:
            places = [code for code in departments if code in known]
            self._access.refuse(principal, patient, refused, places)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._consents(request, principal, patient, problem)
        return RedirectResponse(f"/access/consent/{patient}", 303)

    def withdraw(self, principal: SignedIn, patient: str, consent: Text = "") -> Response:
        self._access.withdraw(principal, patient, consent)
        return RedirectResponse(f"/access/consent/{patient}", 303)

    def _consents(
        self,
        request: Request,
        principal: Principal,
        patient: str,
        problem: CountersignError | None = None,
    ) -> Response:
        consents = self._access.consents(principal, patient)
        departments = {one.code: one.name for one in self._floor.people.departments()}
        words = {**REFUSALS, **{f"department:{code}": name for code, name in departments.items()}}
        return self._floor.pages.render(
            request,
            "access/consent.html",
            status=problem.status if problem else 200,
            patient=patient,
            name=self._floor.chart.reader(principal).names([patient]).get(patient, patient),
            consents=consents,
            refusals=REFUSALS,
            departments=departments,
            words=words,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )
