"""The pages of the inbox: lists, one draft, and the decision about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Forbidden, Opening, Principal, StepUpNeeded
from countersign.ground.ledger import EventQuery
from countersign.ground.shell import Floor, SignedIn, guarded, step, with_query
from countersign.ground.signoff import (
    LABELS,
    REASONS,
    VIEWS,
    BadImpression,
    ImpressionFirst,
    NewAlerts,
    NotLicensed,
    Opened,
    anchor,
)
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language

from .service import Decision, Inbox

PAGE = 50
LATELY = 3
"""Days for which the inbox tells of charts that were opened by break-glass."""
URGENCIES = ("critical", "urgent", "soon", "routine")
Text = Annotated[str, Form()]


def pages(floor: Floor) -> APIRouter:
    """``/inbox`` and ``/inbox/{draft}``."""
    router = APIRouter(prefix="/inbox")
    desk = _Desk(floor)
    router.add_api_route("", desk.listing, methods=["GET"])
    router.add_api_route("/{draft_id}", desk.draft, methods=["GET"])
    router.add_api_route("/{draft_id}/decision", desk.decide, methods=["POST"])
    router.add_api_route("/{draft_id}/impression", desk.impression, methods=["POST"])
    router.add_api_route("/{draft_id}/working", desk.keep, methods=["POST"])
    router.add_api_route("/{draft_id}/undo", desk.undo, methods=["POST"])
    router.add_api_route("/{draft_id}/correction", desk.correct, methods=["POST"])
    return router


class _Desk:
    """The handlers; each asks who is there and lets the gate decide what they may do."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._inbox = Inbox(floor.signoff, floor.release)

    def listing(
        self,
        request: Request,
        principal: Annotated[Principal, guarded(Action.INBOX_READ)],
        view: str = "waiting",
        urgency: str = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        view = view if view in VIEWS else "waiting"
        urgency = urgency if urgency in URGENCIES else ""
        offset = (page - 1) * PAGE
        listing = self._floor.signoff.waiting.listing(
            principal, view, urgency=urgency or None, limit=PAGE, offset=offset
        )
        patients = {item.head.patient for item in listing.items}
        more = offset + PAGE < listing.total

        def address(number: int) -> str:
            return with_query("/inbox", view=view, urgency=urgency or None, page=number)

        openings = self._openings(principal)
        patients |= {one.patient for one in openings}
        return self._floor.pages.render(
            request,
            "inbox/list.html",
            openings=openings,
            openers=self._floor.people.names({one.person for one in openings}),
            view=view,
            views=tuple(VIEWS),
            urgency=urgency,
            urgencies=URGENCIES,
            listing=listing,
            names=self._floor.chart.reader(principal).names(patients),
            reasons=REASONS,
            now=self._floor.clock(),
            reviews=self._floor.signoff.reviews.waiting(principal),
            cases=self._floor.signoff.adjudication.waiting(principal),
            asked=self._floor.delegations.waiting(principal),
            standing_in=self._floor.people.names(principal.stands_for),
            standing_until={one.person: one.until for one in principal.lent},
            first=offset + 1,
            previous=address(page - 1) if page > 1 else None,
            following=address(page + 1) if more else None,
        )

    def _openings(self, principal: Principal) -> list[Opening]:
        """Who opened charts of this person's patients by break-glass lately, but themselves."""
        glass, reader = self._floor.glass, self._floor.chart.reader(principal)
        mine = reader.names(glass.patients_since(LATELY) - principal.opened_patients)
        return [one for one in glass.recent(mine, LATELY) if one.person != principal.id]

    def draft(self, request: Request, principal: SignedIn, draft_id: str) -> Response:
        try:
            opened = self._floor.signoff.reading.open(principal, draft_id)
        except ImpressionFirst:
            return self._ask(request, principal, draft_id)
        return self._page(request, principal, opened)

    def impression(
        self,
        request: Request,
        principal: SignedIn,
        draft_id: str,
        urgency: Text = "",
        words: Text = "",
        reason: Text = "",
    ) -> Response:
        impressions = self._floor.signoff.impressions
        try:
            if reason:
                impressions.show_at_once(principal, draft_id, reason)
            else:
                impressions.record(principal, draft_id, urgency, words)
        except BadImpression as problem:
            return self._ask(request, principal, draft_id, problem, (urgency, words, reason))
        return RedirectResponse(f"/inbox/{draft_id}", 303)

    def _ask(
        self,
        request: Request,
        principal: Principal,
        draft_id: str,
        problem: CountersignError | None = None,
        said: tuple[str, str, str] = ("", "", ""),
    ) -> Response:
        """The form for one's own impression; nothing of the draft's answer stands on it."""
        head = self._floor.signoff.reading.awaiting_impression(principal, draft_id)
        patients = self._floor.chart.reader(principal).names({head.patient})
        return self._floor.pages.render(
            request,
            "inbox/impression.html",
            status=problem.status if problem else 200,
            head=head,
            patient=patients.get(head.patient),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            urgency=said[0],
            words=said[1],
            reason=said[2],
        )

    def decide(
        self,
        request: Request,
        principal: SignedIn,
        draft_id: str,
        choice: Text = "",
        text: Text = "",
        reason: Text = "",
        comment: Text = "",
    ) -> Response:
        language = self._floor.pages.language(request)
        decision = Decision(choice, language, text, reason, comment)
        try:
            self._inbox.decide(principal, draft_id, decision)
        except StepUpNeeded:
            # What was written waits with the draft until the proof is given.
            if choice == "amend" and text.strip():
                self._floor.signoff.working.save(principal, draft_id, language, text)
            return RedirectResponse(
                with_query("/me/presence", next=f"/inbox/{draft_id}#decide"), 303
            )
        except NewAlerts as problem:
            return RedirectResponse(problem.page, 303)
        except CountersignError as problem:
            if problem.status >= 500 or problem.status == 404:
                raise
            opened = self._floor.signoff.reading.open(principal, draft_id)
            return self._page(request, principal, opened, problem=problem, decision=decision)
        return RedirectResponse(f"/inbox/{draft_id}", 303)

    def keep(
        self, request: Request, principal: SignedIn, draft_id: str, text: Text = ""
    ) -> Response:
        self._require_decider(principal, draft_id)
        language = self._floor.pages.language(request)
        self._floor.signoff.working.save(principal, draft_id, language, text)
        return Response(status_code=204)

    def undo(self, principal: SignedIn, draft_id: str) -> Response:
        self._require_decider(principal, draft_id)
        self._floor.signoff.working.discard(principal, draft_id)
        return RedirectResponse(f"/inbox/{draft_id}", 303)

    def _require_decider(self, principal: Principal, draft_id: str) -> None:
        if not self._floor.signoff.decisions.may_decide(principal, draft_id):
            raise NotLicensed

    def correct(self, principal: SignedIn, draft_id: str) -> Response:
        return RedirectResponse(f"/inbox/{self._inbox.correct(principal, draft_id)}", 303)

    def _page(
        self,
        request: Request,
        principal: Principal,
        opened: Opened,
        problem: CountersignError | None = None,
        decision: Decision | None = None,
    ) -> Response:
        floor, head = self._floor, opened.draft.head
        language = floor.pages.language(request)
        working = floor.signoff.working.load(principal, head.id)
        drafted = opened.draft.body.text.into(language)
        kept = working[1] if working and working[0] == language else drafted
        signers = {row["signer_id"] for row in opened.signatures}
        signers |= {row["on_behalf_of"] for row in opened.signatures if row["on_behalf_of"]}
        may_decide = floor.signoff.decisions.may_decide(principal, head.id)
        behalf = floor.signoff.decisions.behalf(principal, head.id) if may_decide else None
        signers |= {behalf.person} if behalf else set[str]()
        impressions = floor.signoff.impressions.of_draft(head.id)
        events = floor.ledger.events(EventQuery(subject=f"draft:{head.id}", limit=20))
        return floor.pages.render(
            request,
            "inbox/draft.html",
            status=problem.status if problem else 200,
            opened=opened,
            before=self._before(principal, opened),
            drafted=drafted,
            text=decision.text if decision and decision.text else kept,
            changed=kept != drafted,
            decision=decision,
            problem=floor.pages.sentence(request, problem) if problem else None,
            may_decide=may_decide,
            behalf=behalf,
            may_correct=floor.signoff.decisions.may_correct(principal, head.id),
            reads_drafts=floor.policy.decide(principal, Action.INBOX_READ, Facts.house()).allowed,
            names=floor.people.names(signers | {one.person for one in impressions}),
            impressions=impressions,
            anchor=anchor(opened.draft, impressions, floor.registry),
            notice=floor.signoff.vigilance.notice(principal, head.id),
            labels={
                name: LABELS[label]
                for name, label in floor.signoff.labels.of_references(
                    opened.draft.explanation.inputs
                ).items()
            },
            patient=floor.chart.reader(principal).names({head.patient}).get(head.patient),
            links=_links(opened),
            present=floor.entrance.presences.fresh(principal) is not None,
            reasons=REASONS,
            events=[event for event in events.events if event.kind != "draft-viewed"],
            step=step,
        )

    def _before(self, principal: Principal, opened: Opened) -> tuple[Language, str] | None:
        """What stands in the chart in a person's own words until this correction is signed."""
        corrects = opened.draft.head.corrects
        if corrects is None or opened.state not in ("open", "countersignature"):
            return None
        try:
            return self._floor.signoff.reading.open(principal, corrects).amended
        except Forbidden:
            return None


def _links(opened: Opened) -> dict[str, str]:
    """Where the resources that the explanation names can be read."""
    explanation = opened.draft.explanation
    references = [*explanation.inputs, *(item.reference for item in explanation.evidence)]
    patient = opened.draft.head.patient
    found: dict[str, str] = {}
    for reference in filter(None, references):
        if "/" in reference:
            found[reference] = f"/charts/{patient}/source/{reference}"
        elif reference.startswith("slide:"):
            slide, _, place = reference.removeprefix("slide:").partition("#")
            found[reference] = f"/pathology/slides/{slide.partition('@')[0]}#{place}"
    return found
