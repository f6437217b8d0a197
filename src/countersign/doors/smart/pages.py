"""Where a person meets an app: opening it from a chart, choosing a patient, saying yes or no."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.chart import PatientFilter
from countersign.ground.identity import (
    Action,
    NoSuchApp,
    Principal,
    Purpose,
    RequestEnded,
    Wanted,
    origin_of,
)
from countersign.ground.shell import Floor, guarded, with_query
from countersign.kit.errors import CountersignError

from . import authorizing
from .discovery import issuer_of
from .errors import ForeignLaunch, OAuthError, oauth_code
from .words import lines

Text = Annotated[str, Form()]
Launcher = Annotated[Principal, guarded(Action.APP_LAUNCH)]
SHOWN = 20


def add_pages(router: APIRouter, floor: Floor) -> None:
    """``/smart/launch``, ``/smart/authorize``, ``/smart/patient/…`` and ``/smart/consent/…``."""
    desk = _Desk(floor)
    for path, handler, method in (
        ("/launch", desk.launch, "GET"),
        ("/authorize", desk.authorize, "GET"),
        ("/patient/{handle}", desk.patients, "GET"),
        ("/patient/{handle}", desk.choose, "POST"),
        ("/consent/{handle}", desk.consent, "GET"),
        ("/consent/{handle}", desk.decide, "POST"),
        ("/mine", desk.mine, "GET"),
        ("/mine/{grant}/end", desk.end, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._apps = floor.apps

    def launch(
        self,
        request: Request,
        principal: Launcher,
        app: Annotated[str, Query(max_length=64)],
        patient: Annotated[str, Query(max_length=64)],
    ) -> Response:
        """Opens an app for the patient whose chart is open (EHR launch)."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise ForeignLaunch
        found = self._apps.registry.find(app)
        if found.launch_uri is None:
            raise NoSuchApp
        self._may_read(principal, patient)
        handle = self._apps.conversations.launch(principal, found.id, patient)
        joint = "&" if "?" in found.launch_uri else "?"
        query = with_query("", iss=issuer_of(request), launch=handle)[1:]
        return RedirectResponse(f"{found.launch_uri}{joint}{query}", 303)

    def authorize(self, request: Request, principal: Launcher) -> Response:
        """Judges the request; wrong ones go back to the app, if it is known where it is."""
        given = authorizing.single(request.query_params.multi_items())
        asks = authorizing.caller(given, self._apps.registry, issuer_of(request))
        try:
            asked = authorizing.request(given, asks)
            handle = self._ask(principal, asks, asked)
        except CountersignError as problem:
            if problem.status >= 500 or problem.status == 403:
                raise
            return RedirectResponse(asks.refusal(oauth_code(problem), problem.sentence()), 303)
        return RedirectResponse(f"/smart/consent/{handle}", 303)

    def patients(
        self,
        request: Request,
        principal: Launcher,
        handle: str,
        name: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """The patients whom the person may choose among: those whom the policy lets them list."""
        asked = self._apps.conversations.asked(principal, handle)
        if not asked.lacks_patient:
            return RedirectResponse(f"/smart/consent/{handle}", 303)
        reader = self._floor.chart.reader(principal)
        found = reader.patients(PatientFilter(name.strip(), limit=SHOWN))
        return self._floor.pages.render(
            request,
            "smart/patient.html",
            app=self._apps.registry.find(asked.wanted.app),
            handle=handle,
            found=found,
            name=name,
            departments={one.code: one.name for one in self._floor.people.departments()},
        )

    def choose(self, principal: Launcher, handle: str, patient: Text = "") -> Response:
        """The person chose one of them."""
        self._may_read(principal, patient)
        self._apps.conversations.choose(principal, handle, patient)
        return RedirectResponse(f"/smart/consent/{handle}", 303)

    def consent(self, request: Request, principal: Launcher, handle: str) -> Response:
        """Names the app, what it would read and of whom, and asks."""
        asked = self._apps.conversations.asked(principal, handle)
        if asked.lacks_patient:
            return RedirectResponse(f"/smart/patient/{handle}", 303)
        wanted = asked.wanted
        app = self._apps.registry.find(wanted.app)
        return self._floor.pages.render(
            request,
            "smart/consent.html",
            app=app,
            handle=handle,
            lines=lines(wanted.scopes),
            patient=self._patient(principal, wanted),
            context=wanted.scopes.context,
            returns_to=origin_of(wanted.redirect_uri),
        )

    def decide(
        self, request: Request, principal: Launcher, handle: str, answer: Text = ""
    ) -> Response:
        """Takes the answer to the app, by a page: a form may not lead to another site itself."""
        conversations = self._apps.conversations
        if answer == "allow":
            wanted, code = conversations.allow(principal, handle)
            said = {"code": code}
        elif answer == "refuse":
            wanted = conversations.refuse(principal, handle)
            said = {"error": "access_denied", "error_description": "The person said no."}
        else:
            raise OAuthError(reason="say yes or no")
        app = self._apps.registry.find(wanted.app)
        asks = authorizing.Caller(app, wanted.redirect_uri, wanted.state, issuer_of(request))
        return self._floor.pages.render(
            request, "smart/return.html", app=app, allowed="code" in said, to=asks.answer(**said)
        )

    def mine(self, request: Request, principal: Launcher) -> Response:
        """What the person has allowed."""
        allowed = self._apps.allowed.of(principal)
        patients = {one.patient for one in allowed if one.patient is not None}
        names = self._floor.chart.reader(principal).names(patients) if patients else {}
        return self._floor.pages.render(request, "smart/mine.html", allowed=allowed, names=names)

    def end(self, principal: Launcher, grant: str) -> Response:
        """Ends one of them."""
        self._apps.allowed.end(principal, grant)
        self._apps.tokens.forget()
        return RedirectResponse("/smart/mine", 303)

    def _ask(
        self, principal: Principal, asks: authorizing.Caller, asked: authorizing.Request
    ) -> str:
        patient = None
        if asked.launch is not None:
            try:
                patient = self._apps.conversations.launched(principal, asks.app.id, asked.launch)
            except RequestEnded:
                raise OAuthError(reason="the launch has ended or is another person's") from None
        elif asked.wants_patient and principal.purpose is Purpose.PERSONAL:
            patient = next(iter(principal.patients)) if len(principal.patients) == 1 else None
        if patient is not None:
            self._may_read(principal, patient)
        wanted = Wanted(
            app=asks.app.id,
            redirect_uri=asks.redirect_uri,
            scopes=asked.scopes,
            state=asks.state,
            challenge=asked.challenge,
            nonce=asked.nonce,
            wants_patient=asked.wants_patient,
            patient=patient,
        )
        return self._apps.conversations.ask(principal, wanted)

    def _may_read(self, principal: Principal, patient: str) -> None:
        """Whoever may not open the chart can give no app to it. Raises Forbidden, NotFound."""
        facts = self._floor.chart.facts_of(patient)
        self._floor.policy.require(principal, Action.CHART_READ, facts)

    def _patient(self, principal: Principal, wanted: Wanted) -> tuple[str, str] | None:
        """Identifier and name, as the person may know them."""
        if wanted.patient is None:
            return None
        names = self._floor.chart.reader(principal).names([wanted.patient])
        return wanted.patient, names.get(wanted.patient, wanted.patient)
