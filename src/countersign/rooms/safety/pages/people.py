"""The pages of the people concerned: what they signed to review, cases, their own notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded
from countersign.ground.signoff import CAUSES, OUTCOMES, REASONS, ROOTS
from countersign.kit.errors import CountersignError
from countersign.rooms.safety.service import Safety

Text = Annotated[str, Form()]
Reader = Annotated[Principal, guarded(Action.INBOX_READ)]


class People:
    """Each sees their own; the gate decides what they may open."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._safety = Safety(floor.signoff, floor.clock)

    def reviews(self, request: Request, principal: Reader) -> Response:
        floor = self._floor
        tasks = floor.signoff.reviews.mine(principal)
        cases = floor.signoff.adjudication.mine(principal)
        patients = {one.patient for one in (*tasks, *cases)}
        return floor.pages.render(
            request,
            "safety/reviews.html",
            tasks=tasks,
            cases=cases,
            causes=CAUSES,
            outcomes=OUTCOMES,
            patients=floor.chart.reader(principal).names(patients),
            names=floor.people.names({one.senior for one in cases if one.senior}),
            notices=floor.signoff.rules.wants_notices(principal.id),
        )

    def review(self, request: Request, principal: Reader, task: str) -> Response:
        return self._review(request, principal, task)

    def answer(
        self,
        request: Request,
        principal: Reader,
        task: str,
        answer: Text = "",
        comment: Text = "",
    ) -> Response:
        try:
            done = self._floor.signoff.reviews.answer(principal, task, answer, comment)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._review(request, principal, task, problem, comment)
        if done.correction_id is not None:
            return RedirectResponse(f"/inbox/{done.correction_id}", 303)
        return RedirectResponse("/safety/reviews", 303)

    def case(self, request: Request, principal: Reader, case: str) -> Response:
        return self._case(request, principal, case)

    def decide(
        self,
        request: Request,
        principal: Reader,
        case: str,
        outcome: Text = "",
        root: Text = "",
        reasoning: Text = "",
    ) -> Response:
        try:
            self._floor.signoff.adjudication.decide(principal, case, outcome, root, reasoning)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            said = {"outcome": outcome, "root": root, "reasoning": reasoning}
            return self._case(request, principal, case, problem, said)
        return RedirectResponse(f"/safety/cases/{case}", 303)

    def notices(self, principal: Reader, wanted: Text = "") -> Response:
        self._floor.signoff.rules.notices(principal, wanted=wanted == "yes")
        return RedirectResponse("/safety/reviews", 303)

    def _review(
        self,
        request: Request,
        principal: Principal,
        task: str,
        problem: CountersignError | None = None,
        comment: str = "",
    ) -> Response:
        floor = self._floor
        review, opened = floor.signoff.reviews.open(principal, task)
        return floor.pages.render(
            request,
            "safety/review.html",
            status=problem.status if problem else 200,
            review=review,
            opened=opened,
            problem=floor.pages.sentence(request, problem) if problem else None,
            comment=comment,
            names=floor.people.names({row["signer_id"] for row in opened.signatures}),
            patient=floor.chart.reader(principal).names({review.patient}).get(review.patient),
        )

    def _case(
        self,
        request: Request,
        principal: Principal,
        case_id: str,
        problem: CountersignError | None = None,
        said: dict[str, str] | None = None,
    ) -> Response:
        floor = self._floor
        case, opened, other = self._safety.case(principal, case_id)
        drafts = [one for one in (other, opened) if one is not None]
        signers = {row["signer_id"] for one in drafts for row in one.signatures}
        return floor.pages.render(
            request,
            "safety/case.html",
            status=problem.status if problem else 200,
            case=case,
            drafts=drafts,
            problem=floor.pages.sentence(request, problem) if problem else None,
            said=said or {"outcome": "", "root": "", "reasoning": ""},
            causes=CAUSES,
            outcomes=OUTCOMES,
            roots=ROOTS,
            reasons=REASONS,
            names=floor.people.names(signers | ({case.senior} if case.senior else set())),
            mine=case.senior == principal.id,
            patient=floor.chart.reader(principal).names({case.patient}).get(case.patient),
        )
