"""The staff's pages: the triage desk, one interview in half a screen, and the protocol."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.chart import PatientFilter
from countersign.ground.identity import Action, Facts, Principal, StepUpNeeded
from countersign.ground.shell import Floor, drawn, guarded, local_path, with_query
from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.inference import content
from countersign.rooms.preconsult.service import (
    ROOM,
    Desking,
    Link,
    changed,
    own_words,
    paths,
    summary,
)
from countersign.rooms.preconsult.service.desking import (
    HOURS,
    by_item,
    department,
    named_flags,
)

Text = Annotated[str, Form(max_length=200)]
Watcher = Annotated[Principal, guarded(Action.INTERVIEW_DESK)]
Signer = Annotated[Principal, guarded(Action.PROTOCOL_SIGN)]
PATIENTS = 30


def pages(floor: Floor) -> APIRouter:
    """``/preconsult`` and what hangs below it."""
    router = APIRouter(prefix="/preconsult")
    desk = _Desk(floor)
    for path, handler, method in (
        ("", desk.show, "GET"),
        ("", desk.invite, "POST"),
        ("/alerts", desk.alerts, "GET"),
        ("/alerts/{alert}", desk.acknowledge, "POST"),
        ("/of/{interview}", desk.interview, "GET"),
        ("/of/{interview}/revoke", desk.revoke, "POST"),
        ("/of/{interview}/files/{attachment}", desk.file, "GET"),
        ("/protocol", desk.protocol, "GET"),
        ("/protocol", desk.draft, "POST"),
        ("/protocol/{protocol}", desk.sign, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._service = Desking(floor)

    def show(
        self,
        request: Request,
        principal: Watcher,
        name: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        return self._show(request, principal, name)

    def invite(
        self, request: Request, principal: Watcher, patient: Text = "", hours: Text = ""
    ) -> Response:
        if not patient:
            return self._show(request, principal, "", status=422)
        chosen = int(hours) if hours.isdecimal() else HOURS[1]
        try:
            link = self._service.invite(principal, patient, chosen, self._base(request))
        except CountersignError as problem:
            if problem.status != 409:
                raise
            return self._show(request, principal, "", problem=problem, status=problem.status)
        return self._show(request, principal, "", link=link)

    def alerts(self, request: Request, principal: Watcher) -> Response:
        alerts = self._service.alerts(principal)
        return self._floor.pages.render(
            request,
            "preconsult/_alerts.html",
            alerts=alerts,
            named=named_flags,
            names=self._names(principal, {one.patient for one in alerts}),
        )

    def acknowledge(self, principal: Watcher, alert: str, back: Text = "") -> Response:
        self._floor.interviews.desk.acknowledge(principal, alert)
        return RedirectResponse(local_path(back, "/preconsult"), 303)

    def interview(self, request: Request, principal: Watcher, interview: str) -> Response:
        told = self._service.told(principal, interview)
        patient = told.held.patient
        leaning = by_item(told.entries).get("leaning", {})
        visit: Any = by_item(told.entries).get("about", {}).get("visit")
        return self._floor.pages.render(
            request,
            "preconsult/interview.html",
            told=told,
            lines=summary(self._floor, told.entries),
            paths=paths(told.entries),
            changed=changed(self._floor, told.entries),
            words=own_words(self._floor, told.entries),
            waits=self._floor.signoff.waiting.of(principal, patient, ROOM),
            name=self._names(principal, {patient}).get(patient, patient),
            leaning=leaning,
            visit=visit,
            visit_at=datetime.fromisoformat(visit["start"]) if visit else None,
            department=department,
            named=named_flags,
        )

    def revoke(self, principal: Watcher, interview: str) -> Response:
        self._floor.interviews.links.revoke(principal, interview)
        return RedirectResponse("/preconsult", 303)

    def file(self, principal: Watcher, interview: str, attachment: str) -> Response:
        media, content = self._floor.interviews.desk.attachment(principal, interview, attachment)
        way = "inline" if media == "image/jpeg" else "attachment"
        return Response(content, media_type=media, headers={"content-disposition": way})

    def protocol(self, request: Request, principal: Watcher) -> Response:
        return self._floor.pages.render(
            request,
            "preconsult/protocol.html",
            protocols=self._floor.interviews.protocols.all(),
            shipped=content(),
            in_force=self._service.in_force(),
            may_sign=self._may(principal, Action.PROTOCOL_SIGN),
        )

    def draft(self, principal: Signer) -> Response:
        self._service.draft_protocol(principal)
        return RedirectResponse("/preconsult/protocol", 303)

    def sign(
        self, principal: Signer, protocol: str, sha256: Text = "", what: Text = ""
    ) -> Response:
        if what == "withdraw":
            self._floor.interviews.protocols.withdraw(principal, protocol, sha256)
        else:
            try:
                self._service.sign_protocol(principal, protocol, sha256)
            except StepUpNeeded:
                return RedirectResponse(
                    with_query("/me/presence", next="/preconsult/protocol"), 303
                )
        return RedirectResponse("/preconsult/protocol", 303)

    def _show(
        self,
        request: Request,
        principal: Principal,
        name: str,
        *,
        link: Link | None = None,
        problem: CountersignError | None = None,
        status: int = 200,
    ) -> Response:
        alerts, rows = self._service.alerts(principal), self._service.rows(principal)
        found = self._floor.chart.reader(principal).patients(
            PatientFilter(name.strip(), limit=PATIENTS)
        )
        of = {one.patient for one in alerts} | {one.invited.patient for one in rows}
        return self._floor.pages.render(
            request,
            "preconsult/desk.html",
            status=status,
            alerts=alerts,
            rows=rows,
            patients=found.patients,
            names=self._names(principal, of),
            named=named_flags,
            department=department,
            link=link,
            code=drawn(link.address) if link else "",
            hours=HOURS,
            wanted=name,
            in_force=self._service.in_force(),
            may_read=bool({"physician", "senior_physician"} & {*map(str, principal.roles)}),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _names(self, principal: Principal, patients: set[str]) -> dict[str, str]:
        return self._floor.chart.reader(principal).names(patients) if patients else {}

    def _may(self, principal: Principal, action: Action) -> bool:
        return self._floor.policy.decide(principal, action, Facts.house("protocol")).allowed

    def _base(self, request: Request) -> str:
        site = self._floor.site
        scheme = "https" if site.secure else "http"
        return site.address or f"{scheme}://{request.headers.get('host', '')}"
