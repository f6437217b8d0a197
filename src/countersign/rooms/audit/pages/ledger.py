"""Search, one event with its proof, export, verification, and the review of break-glass."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import OUTCOMES, REASONS, Action, Principal
from countersign.ground.ledger import EventKind, EventQuery
from countersign.ground.shell import Floor, guarded, step, with_query
from countersign.kit.errors import CountersignError
from countersign.rooms.audit.service import RETURNED, Audit, explainable

PAGE = 50
RETURNED_NAMES = frozenset(RETURNED)
Auditor = Annotated[Principal, guarded(Action.AUDIT_READ)]
Exporter = Annotated[Principal, guarded(Action.AUDIT_EXPORT)]
Reviewer = Annotated[Principal, guarded(Action.GLASS_REVIEW)]
Text = Annotated[str, Form()]


class BadFilter(CountersignError):
    code = "audit.bad_filter"
    status = 400
    message = "“{value}” is not a day. Write it as 2026-11-22."


class LedgerDesk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._audit = Audit(floor.ledger, floor.chart.returned, floor.witnesses)

    def search(
        self,
        request: Request,
        principal: Auditor,
        patient: str = "",
        person: str = "",
        model: str = "",
        kind: str = "",
        subject: str = "",
        since: str = "",
        until: str = "",
        before: int | None = None,
    ) -> Response:
        asked = {
            "patient": patient, "person": person, "model": model, "kind": kind,
            "subject": subject, "since": since, "until": until,
        }  # fmt: skip
        page, receipt = self._audit.search(principal, self._query(asked, before))
        people = {event.actor.removeprefix("person:") for event in page.events}
        given = {name: value or None for name, value in asked.items()}
        older = with_query("/audit", **given, before=page.older) if page.older else None
        return self._floor.pages.render(
            request,
            "audit/search.html",
            asked=asked,
            events=page.events,
            receipt=receipt,
            names=self._floor.people.names(people),
            staff=self._floor.people.people(),
            models=[registered.ref.label for registered in self._floor.registry.all()],
            kinds=[(str(one), step(one)) for one in EventKind],
            step=step,
            older=older,
            newest=with_query("/audit", **given) if before else None,
        )

    def event(self, request: Request, principal: Auditor, index: int) -> Response:
        proof = self._audit.prove(principal, index)
        actor = proof.event.actor.removeprefix("person:")
        return self._floor.pages.render(
            request,
            "audit/event.html",
            proof=proof,
            body=proof.event.body.decode(),
            step=step,
            name=self._floor.people.names({actor}).get(actor, proof.event.actor),
            key=self._floor.ledger.verifier_key,
            listed=not RETURNED_NAMES.isdisjoint(proof.event.commits),
            explainable=explainable(proof.event),
        )

    def within(
        self, request: Request, principal: Auditor, index: int, patient: str = ""
    ) -> Response:
        return self._floor.pages.render(
            request,
            "audit/within.html",
            within=self._audit.within(principal, index, patient.strip()),
            step=step,
        )

    def export(
        self,
        principal: Exporter,
        patient: Text = "",
        person: Text = "",
        model: Text = "",
        kind: Text = "",
        subject: Text = "",
        since: Text = "",
        until: Text = "",
    ) -> Response:
        asked = {
            "patient": patient, "person": person, "model": model, "kind": kind,
            "subject": subject, "since": since, "until": until,
        }  # fmt: skip
        content, exported = self._audit.export(principal, self._query(asked, None))
        name = f"countersign-case-{exported.receipt.index}.zip"
        return Response(
            content,
            media_type="application/zip",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    def verify(self, request: Request, principal: Auditor) -> Response:
        checkpoint = self._floor.ledger.checkpoint()
        second, forwarded = self._floor.ledger.second(), self._floor.forwarding.standing()
        troubles = [one.problem for one in (second, forwarded) if one and one.problem]
        return self._floor.pages.render(
            request,
            "audit/verify.html",
            report=self._audit.verify(),
            standing=self._floor.witnesses.standing(),
            disagreements=self._floor.witnesses.disagreements(),
            second=second,
            forwarded=forwarded,
            troubles=[self._floor.pages.sentence(request, one) for one in troubles],
            checkpoint=checkpoint,
            key=self._floor.ledger.verifier_key,
        )

    def openings(self, request: Request, principal: Reviewer, done: bool = False) -> Response:
        found = self._floor.glass.to_review(by=principal, done=done)
        people = {one.person for one in found} | {
            one.review.reviewer for one in found if one.review
        }
        return self._floor.pages.render(
            request,
            "audit/openings.html",
            openings=found,
            done=done,
            names=self._floor.people.names(people),
            reasons=REASONS,
            outcomes=OUTCOMES,
            now=self._floor.clock(),
        )

    def opening(self, request: Request, principal: Reviewer, opening: str) -> Response:
        return self._opening(request, principal, opening)

    def review(
        self,
        request: Request,
        principal: Reviewer,
        opening: str,
        outcome: Text = "",
        comment: Text = "",
    ) -> Response:
        try:
            self._floor.glass.review(opening, outcome, comment, by=principal)
        except CountersignError as problem:
            if problem.status >= 500 or problem.status in (403, 404):
                raise
            return self._opening(request, principal, opening, problem, outcome, comment)
        return RedirectResponse("/audit/break-glass", 303)

    def _opening(
        self,
        request: Request,
        principal: Principal,
        opening: str,
        problem: CountersignError | None = None,
        outcome: str = "",
        comment: str = "",
    ) -> Response:
        found = self._floor.glass.one(opening, by=principal)
        subject = EventQuery(subject=f"break-glass:{opening}", limit=200)
        events = self._floor.ledger.events(subject).events
        people = {found.person, found.review.reviewer if found.review else ""}
        return self._floor.pages.render(
            request,
            "audit/opening.html",
            status=problem.status if problem else 200,
            opening=found,
            names=self._floor.people.names(people),
            reasons=REASONS,
            outcomes=OUTCOMES,
            events=events,
            step=step,
            own=found.person == principal.id,
            late=found.overdue(self._floor.clock()),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            outcome=outcome,
            comment=comment,
        )

    def _query(self, asked: dict[str, str], before: int | None) -> EventQuery:
        person = asked["person"].strip()
        return EventQuery(
            patient=asked["patient"].strip() or None,
            actor=(person if ":" in person else f"person:{person}") if person else None,
            model=asked["model"].strip() or None,
            subject=asked["subject"].strip() or None,
            kinds=(asked["kind"],) if asked["kind"] else (),
            since=self._moment(asked["since"], time.min),
            until=self._moment(asked["until"], time.max),
            before=before,
            limit=PAGE,
        )

    def _moment(self, text: str, hour: time) -> datetime | None:
        """The start or the end of a day in the hospital's time zone."""
        if not text.strip():
            return None
        try:
            day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - zoned below
        except ValueError:
            raise BadFilter(value=text[:40]) from None
        return datetime.combine(day, hour, self._floor.site.zone)
