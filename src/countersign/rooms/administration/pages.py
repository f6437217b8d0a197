"""The administrator's pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.ledger import EventKind, EventQuery, Recorded
from countersign.ground.models import NotMeasured
from countersign.ground.shell import Floor, NoSuchPage, guarded, named
from countersign.kit.errors import CountersignError

Text = Annotated[str, Form()]
Models = Annotated[Principal, guarded(Action.MODELS_READ)]
Worker = Annotated[Principal, guarded(Action.JOBS_READ)]
Retrier = Annotated[Principal, guarded(Action.JOBS_RETRY)]
Stopper = Annotated[Principal, guarded(Action.AI_STOP)]
Resumer = Annotated[Principal, guarded(Action.AI_RESUME)]
Staff = Annotated[Principal, guarded(Action.PEOPLE_READ)]
Removers = Annotated[Principal, guarded(Action.FACTORS_REMOVE)]
Linkers = Annotated[Principal, guarded(Action.IDENTITY_LINK)]
Network = Annotated[Principal, guarded(Action.EGRESS_READ)]
Policies = Annotated[Principal, guarded(Action.POLICY_READ)]


def pages(floor: Floor) -> APIRouter:
    """``/administration`` and what hangs below it."""
    router = APIRouter(prefix="/administration")
    desk = _Desk(floor)
    for path, handler, method in (
        ("/ai", desk.ai, "GET"),
        ("/ai/stop", desk.stop, "POST"),
        ("/ai/resume", desk.resume, "POST"),
        ("/models", desk.models, "GET"),
        ("/models/{name}/{version}", desk.model, "GET"),
        ("/jobs", desk.jobs, "GET"),
        ("/jobs/{job}/retry", desk.retry, "POST"),
        ("/people", desk.people, "GET"),
        ("/people/{person}", desk.person, "GET"),
        ("/people/{person}/factors/{factor}/remove", desk.remove_factor, "POST"),
        ("/people/{person}/links/{link}/end", desk.unlink, "POST"),
        ("/arrivals", desk.arrivals, "GET"),
        ("/arrivals/{arrival}/link", desk.link, "POST"),
        ("/network", desk.network, "GET"),
        ("/policy", desk.policy, "GET"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def ai(self, request: Request, principal: Stopper) -> Response:
        return self._ai(request, principal)

    def stop(self, principal: Stopper, reason: Text = "") -> Response:
        self._floor.switch.stop(principal, reason)
        return RedirectResponse("/administration/ai", 303)

    def resume(self, request: Request, principal: Resumer, reason: Text = "") -> Response:
        try:
            self._floor.switch.resume(principal, reason)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return self._ai(request, principal, problem, reason)
        return RedirectResponse("/administration/ai", 303)

    def _ai(
        self,
        request: Request,
        principal: Principal,
        problem: CountersignError | None = None,
        reason: str = "",
    ) -> Response:
        state = self._floor.switch.state()
        who = (state.by or "").removeprefix("person:")
        return self._floor.pages.render(
            request,
            "administration/ai.html",
            status=problem.status if problem else 200,
            state=state,
            by=self._floor.people.names({who}).get(who, who),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            reason=reason,
        )

    def models(self, request: Request, principal: Models) -> Response:
        return self._floor.pages.render(
            request, "administration/models.html", models=self._floor.registry.all()
        )

    def model(self, request: Request, principal: Models, name: str, version: str) -> Response:
        for registered in self._floor.registry.all():
            if (registered.ref.name, registered.ref.version) == (name, version):
                return self._floor.pages.render(
                    request,
                    "administration/model.html",
                    model=registered,
                    unmeasured=[
                        one for one in registered.card.performance if isinstance(one, NotMeasured)
                    ],
                    measured=[
                        one
                        for one in registered.card.performance
                        if not isinstance(one, NotMeasured)
                    ],
                )
        raise NoSuchPage

    def jobs(self, request: Request, principal: Worker) -> Response:
        return self._floor.pages.render(
            request,
            "administration/jobs.html",
            dead=self._floor.jobs.dead(),
            recent=self._floor.jobs.recent(50),
        )

    def retry(self, principal: Retrier, job: int) -> Response:
        self._floor.jobs.retry(job, principal)
        return RedirectResponse("/administration/jobs", 303)

    def people(self, request: Request, principal: Staff) -> Response:
        directory = self._floor.people
        return self._floor.pages.render(
            request,
            "administration/people.html",
            people=[(one, directory.licences(one.id)) for one in directory.people()],
            departments=directory.departments(),
            named=named,
            today=directory.today(),
        )

    def person(self, request: Request, principal: Staff, person: str) -> Response:
        profile = self._floor.people.profile(person, by=principal)
        entrance = self._floor.entrance
        links = entrance.links.of(person, by=principal)
        say = self._floor.pages.formats(request).say
        return self._floor.pages.render(
            request,
            "administration/person.html",
            profile=profile,
            departments=[say(one) for one in self._floor.people.called(profile.departments)],
            factors=entrance.enrolment.of_another(person, by=principal),
            links=links,
            names=self._floor.people.names(one.linked_by.removeprefix("person:") for one in links),
        )

    def remove_factor(self, principal: Removers, person: str, factor: str) -> Response:
        self._floor.entrance.enrolment.remove_of_another(person, factor, by=principal)
        return RedirectResponse(f"/administration/people/{person}", 303)

    def unlink(self, principal: Linkers, person: str, link: str) -> Response:
        person = self._floor.entrance.links.unlink(link, by=principal)
        return RedirectResponse(f"/administration/people/{person}", 303)

    def arrivals(self, request: Request, principal: Linkers) -> Response:
        return self._floor.pages.render(
            request,
            "administration/arrivals.html",
            arrivals=self._floor.entrance.links.arrivals(by=principal),
            people=[one for one in self._floor.people.people() if one.left_at is None],
            provided=self._floor.entrance.has_provider,
        )

    def link(self, principal: Linkers, arrival: str, person: Text = "") -> Response:
        self._floor.entrance.links.link(arrival, person, by=principal)
        return RedirectResponse(f"/administration/people/{person}", 303)

    def network(self, request: Request, principal: Network) -> Response:
        ledger = self._floor.ledger
        refused = EventQuery(kinds=(EventKind.EGRESS_REFUSED,), limit=50)
        contacted = EventQuery(kinds=(EventKind.EGRESS_CONTACTED,), limit=200)
        last: dict[str, Recorded] = {}
        for event in ledger.events(contacted).events:
            last.setdefault(str(event.detail.get("place", "?")), event)
        return self._floor.pages.render(
            request,
            "administration/network.html",
            allowed=self._floor.egress.allowed,
            contacts=last,
            refusals=ledger.events(refused).events,
        )

    def policy(self, request: Request, principal: Policies) -> Response:
        return self._floor.pages.render(
            request,
            "administration/policy.html",
            rules=self._floor.policy.rules,
            digest=self._floor.policy.digest,
        )
