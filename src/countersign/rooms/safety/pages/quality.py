"""The quality office's pages; they name patients by identifier and show no clinical content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.shell import Floor, guarded, with_query
from countersign.ground.signoff import (
    CAUSES,
    CHINESE,
    ENGLISH,
    OUTCOMES,
    QUICK,
    ROOTS,
    STREAK,
    NothingToRecall,
)
from countersign.kit.errors import CountersignError
from countersign.rooms.safety.domain.groups import LEAST
from countersign.rooms.safety.service import DAYS, Safety

PAGE = 50
KINDS = ("draft", "signature", "release", "version")
Text = Annotated[str, Form()]
Reader = Annotated[Principal, guarded(Action.SAFETY_READ)]
Changer = Annotated[Principal, guarded(Action.SAFETY_CHANGE)]


class Quality:
    """Recalls, adjudication, reading times, rules."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._safety = Safety(floor.signoff, floor.clock)

    def recalls(self, request: Request, principal: Reader) -> Response:
        recalls = self._floor.signoff.recalls
        found = recalls.all(principal)
        return self._floor.pages.render(
            request,
            "safety/recalls.html",
            recalls=found,
            choices=recalls.choices() if self._may_change(principal) else (),
            may_change=self._may_change(principal),
            names=self._names(one.actor.removeprefix("person:") for one in found),
        )

    def preview(
        self, request: Request, principal: Changer, node: Annotated[str, Query()] = ""
    ) -> Response:
        return self._preview(request, principal, node)

    def start(
        self, request: Request, principal: Changer, node: Text = "", reason: Text = ""
    ) -> Response:
        try:
            made = self._floor.signoff.recalls.start(principal, node, reason)
        except CountersignError as problem:
            if problem.status != 422 or isinstance(problem, NothingToRecall):
                raise
            return self._preview(request, principal, node, problem, reason)
        return RedirectResponse(f"/safety/recalls/of/{made}", 303)

    def _preview(
        self,
        request: Request,
        principal: Principal,
        node: str,
        problem: CountersignError | None = None,
        reason: str = "",
    ) -> Response:
        return self._floor.pages.render(
            request,
            "safety/preview.html",
            status=problem.status if problem else 200,
            scope=self._floor.signoff.recalls.preview(principal, node),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            reason=reason,
        )

    def recall(
        self,
        request: Request,
        principal: Reader,
        recall: str,
        kind: str = "draft",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        recalls = self._floor.signoff.recalls
        found = recalls.one(principal, recall)
        kind = kind if kind in KINDS else "draft"
        offset = (page - 1) * PAGE
        touched = recalls.touched(principal, recall, kind, PAGE + 1, offset)
        progress = recalls.progress(principal, recall)

        def address(number: int) -> str:
            return with_query(f"/safety/recalls/of/{recall}", kind=kind, page=number)

        return self._floor.pages.render(
            request,
            "safety/recall.html",
            recall=found,
            kind=kind,
            kinds=KINDS,
            touched=touched[:PAGE],
            progress=progress,
            names=self._names(
                [*(one for one, _, _ in progress), found.actor.removeprefix("person:")]
            ),
            first=offset + 1,
            previous=address(page - 1) if page > 1 else None,
            following=address(page + 1) if len(touched) > PAGE else None,
        )

    def adjudication(self, request: Request, principal: Reader) -> Response:
        cases, counts = self._safety.cases(principal)
        people = {who for one in cases for who in (one.first, one.second, one.senior) if who}
        return self._floor.pages.render(
            request,
            "safety/adjudication.html",
            cases=cases,
            counts=counts,
            causes=CAUSES,
            outcomes=OUTCOMES,
            roots=ROOTS,
            names=self._names(people),
        )

    def reading(self, request: Request, principal: Reader) -> Response:
        found = self._safety.reading(principal)
        departments = {one.code: one.name for one in self._floor.people.departments()}
        return self._floor.pages.render(
            request,
            "safety/reading.html",
            found=found,
            names=self._names(one.name for one in found.people.groups),
            departments=departments,
            days=DAYS,
            least=LEAST,
            streak=STREAK,
            quick=QUICK,
            english=ENGLISH,
            chinese=CHINESE,
        )

    def rules(self, request: Request, principal: Reader) -> Response:
        return self._rules(request, principal)

    def change(
        self,
        request: Request,
        principal: Changer,
        rule: Text = "",
        subject: Text = "",
        value: Text = "",
    ) -> Response:
        rules = self._floor.signoff.rules
        try:
            match rule:
                case "blind-share":
                    rules.blind_share(principal, subject, value)
                case "senior":
                    rules.senior(principal, subject, value)
                case _:
                    rules.adjudication_hours(principal, value)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._rules(request, principal, problem)
        return RedirectResponse("/safety/rules", 303)

    def _rules(
        self, request: Request, principal: Principal, problem: CountersignError | None = None
    ) -> Response:
        rules, people = self._floor.signoff.rules, self._floor.people
        departments = people.departments()
        in_force = rules.all()
        seniors = {code.code: people.seniors((code.code,)) for code in departments}
        everyone = {one for found in seniors.values() for one in found}
        return self._floor.pages.render(
            request,
            "safety/rules.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            rules=in_force,
            hours=rules.hours(),
            departments={one.code: one.name for one in departments},
            seniors=sorted(everyone),
            may_change=self._may_change(principal),
            names=self._names(
                [*everyone, *(one.value for one in in_force),
                 *(one.actor.removeprefix("person:") for one in in_force)]
            ),
        )  # fmt: skip

    def _may_change(self, principal: Principal) -> bool:
        facts = Facts.house()
        return self._floor.policy.decide(principal, Action.SAFETY_CHANGE, facts).allowed

    def _names(self, people: Iterable[str]) -> dict[str, str]:
        return self._floor.people.names(set(people))
