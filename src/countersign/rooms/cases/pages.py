"""The pages of cases: the collections, one of them, and what is like an open chart."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.library import LONGEST_NAME
from countersign.ground.shell import Floor, SignedIn, guarded
from countersign.kit.errors import CountersignError

from .domain import LEAST, OUTCOMES
from .service import Cases, NothingToCompare

Text = Annotated[str, Form()]
Many = Annotated[list[str], Form()]
Reader = Annotated[Principal, guarded(Action.CASES_READ)]
Curator = Annotated[Principal, guarded(Action.CASES_CURATE)]


def pages(floor: Floor) -> APIRouter:
    """``/cases`` and what hangs below it."""
    router = APIRouter(prefix="/cases")
    desk = _Desk(floor)
    for path, handler, method in (
        ("", desk.collections, "GET"),
        ("", desk.start, "POST"),
        ("/of/{collection}", desk.collection, "GET"),
        ("/of/{collection}/release", desk.release, "POST"),
        ("/of/{collection}/withdraw", desk.withdraw, "POST"),
        ("/like/{patient}", desk.like, "GET"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._cases = Cases(floor.chart, floor.cases, floor.policy)

    def collections(self, request: Request, principal: Reader) -> Response:
        return self._collections(request, principal)

    def start(
        self,
        request: Request,
        principal: Curator,
        name: Text = "",
        departments: Many = [],  # noqa: B006 - the framework copies it
    ) -> Response:
        known = {one.code for one in self._floor.people.departments()}
        try:
            made = self._floor.cases.start(principal, name, known & set(departments))
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._collections(request, principal, problem, name)
        return RedirectResponse(f"/cases/of/{made}", 303)

    def collection(self, request: Request, principal: Reader, collection: str) -> Response:
        preview = self._cases.preview(principal, collection)
        facts = Facts("cases", None, preview.collection.departments)
        return self._floor.pages.render(
            request,
            "cases/collection.html",
            preview=preview,
            outcomes=OUTCOMES,
            least=LEAST,
            may_curate=self._floor.policy.decide(principal, Action.CASES_CURATE, facts).allowed,
            departments={one.code: one.name for one in self._floor.people.departments()},
            names=self._floor.people.names([preview.collection.actor.removeprefix("person:")]),
        )

    def release(self, principal: Curator, collection: str, small: Text = "") -> Response:
        self._floor.cases.release(principal, collection, small=small == "yes")
        return RedirectResponse(f"/cases/of/{collection}", 303)

    def withdraw(self, principal: Curator, collection: str) -> Response:
        self._floor.cases.withdraw(principal, collection)
        return RedirectResponse("/cases", 303)

    def like(self, request: Request, principal: SignedIn, patient: str) -> Response:
        self._floor.policy.require(principal, Action.CASES_READ, Facts.house("cases"))
        try:
            found, problem = self._cases.like(principal, patient), None
        except NothingToCompare as nothing:
            found, problem = None, self._floor.pages.sentence(request, nothing)
        return self._floor.pages.render(
            request,
            "cases/like.html",
            patient=patient,
            found=found,
            problem=problem,
            outcomes=OUTCOMES,
            collections={one.id: one.name for one in self._floor.cases.all(principal)},
        )

    def _collections(
        self,
        request: Request,
        principal: Principal,
        problem: CountersignError | None = None,
        name: str = "",
    ) -> Response:
        own = self._floor.policy.decide(principal, Action.CASES_CURATE, Facts.house("cases"))
        known = self._floor.people.departments()
        return self._floor.pages.render(
            request,
            "cases/collections.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            name=name,
            longest=LONGEST_NAME,
            found=self._floor.cases.all(principal),
            may_curate=own.allowed,
            own=[one for one in known if one.code in principal.departments],
            departments={one.code: one.name for one in known},
        )
