"""The administrator's page of workstation systems: who calls, what came of it, and the switches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import (
    Action,
    BadKeys,
    CdsClient,
    NewCdsClient,
    NoSuchCdsClient,
    Principal,
)
from countersign.ground.shell import Floor, guarded
from countersign.ground.signoff import Counted, Quickness
from countersign.kit.errors import CountersignError

from .launching import add_launching

Text = Annotated[str, Form(max_length=70_000)]
Many = Annotated[list[str], Form()]
Reader = Annotated[Principal, guarded(Action.CLIENTS_READ)]
Changer = Annotated[Principal, guarded(Action.CLIENTS_CHANGE)]
PAGE = "/workstations"
DAYS = 30
EMPTY = {"name": "", "issuer": "", "jwks": "", "jwks_url": "", "fhir_server": ""}


def pages(floor: Floor) -> APIRouter:
    """``/workstations`` and what hangs below it."""
    router = APIRouter(prefix=PAGE)
    add_launching(router, floor)
    desk = _Desk(floor)
    for path, handler, method in (
        ("", desk.show, "GET"),
        ("", desk.add, "POST"),
        ("/{client}", desk.one, "GET"),
        ("/{client}/switch", desk.switch, "POST"),
        ("/{client}/revoke", desk.revoke, "POST"),
        ("/{client}/link", desk.link, "POST"),
        ("/{client}/unlink", desk.unlink, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._clients = floor.cds.clients

    def show(self, request: Request, principal: Reader) -> Response:
        """The list and an empty form."""
        return self._page(request, principal, EMPTY)

    def add(
        self,
        request: Request,
        principal: Changer,
        name: Text = "",
        issuer: Text = "",
        jwks: Text = "",
        jwks_url: Text = "",
        fhir_server: Text = "",
        departments: Many = [],  # noqa: B006 - FastAPI copies the default
    ) -> Response:
        """Registers a system, or shows again what was entered with what is wrong."""
        given = {
            "issuer": issuer.strip(),
            "jwks": jwks.strip(),
            "jwks_url": jwks_url.strip(),
            "fhir_server": fhir_server.strip(),
        }
        new = NewCdsClient(
            name.strip(),
            given["issuer"],
            frozenset(departments),
            given["jwks"] or None,
            given["jwks_url"] or None,
            given["fhir_server"] or None,
        )
        try:
            self._clients.add(new, by=principal)
        except CountersignError as problem:
            _raise_grave(problem)
            entered = {**given, "name": name}
            return self._page(request, principal, entered, problem, departments)
        return RedirectResponse(PAGE, 303)

    def one(self, request: Request, principal: Reader, client: str) -> Response:
        """One system: its switches, and whom it means."""
        return self._one(request, principal, client)

    def switch(
        self, principal: Changer, client: str, answered: Text = "", identifies: Text = ""
    ) -> Response:
        """Whether it is answered, and whether it identifies physicians."""
        self._clients.switch(
            client, answered=answered == "yes", identifies=identifies == "yes", by=principal
        )
        return RedirectResponse(f"{PAGE}/{client}", 303)

    def revoke(self, principal: Changer, client: str) -> Response:
        """The system is heard no more."""
        self._clients.revoke(client, by=principal)
        return RedirectResponse(PAGE, 303)

    def link(
        self,
        request: Request,
        principal: Changer,
        client: str,
        reference: Text = "",
        person: Text = "",
    ) -> Response:
        """By this reference the system means this person."""
        try:
            self._clients.link(client, reference.strip(), person.strip(), by=principal)
        except CountersignError as problem:
            _raise_grave(problem)
            return self._one(request, principal, client, problem)
        return RedirectResponse(f"{PAGE}/{client}", 303)

    def unlink(self, principal: Changer, client: str, reference: Text = "") -> Response:
        """The reference means nobody any more."""
        self._clients.unlink(client, reference, by=principal)
        return RedirectResponse(f"{PAGE}/{client}", 303)

    def _one(
        self,
        request: Request,
        principal: Principal,
        client: str,
        problem: CountersignError | None = None,
    ) -> Response:
        found = [one for one in self._clients.all(by=principal) if one.id == client]
        if not found or found[0].revoked_at is not None:
            raise NoSuchCdsClient
        users = [one for one in self._clients.users(by=principal) if one.client == client]
        return self._floor.pages.render(
            request,
            "cdshooks/client.html",
            status=problem.status if problem else 200,
            one=found[0],
            users=users,
            names=self._floor.people.names({one.person for one in users}),
            people=self._floor.people.people(),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            field="reference",
        )

    def _page(
        self,
        request: Request,
        principal: Principal,
        entered: Mapping[str, str],
        problem: CountersignError | None = None,
        departments: list[str] | None = None,
    ) -> Response:
        since = (self._floor.clock() - timedelta(days=DAYS)).date()
        cards = self._floor.signoff.cards
        clients = self._clients.all(by=principal)
        return self._floor.pages.render(
            request,
            "cdshooks/clients.html",
            status=problem.status if problem else 200,
            clients=clients,
            counted=_counted(clients, cards.counted(principal, since)),
            quick=_quick(clients, cards.quickness(principal, since)),
            days=DAYS,
            entered=entered,
            chosen=departments or [],
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            field=_field(problem) if problem else None,
            departments=self._floor.people.departments(),
        )


def _counted(clients: tuple[CdsClient, ...], found: list[Counted]) -> dict[str, Counted]:
    known = {one.client: one for one in found}
    return {one.id: known.get(one.id, Counted(one.id, 0, 0, 0, 0, 0)) for one in clients}


def _quick(clients: tuple[CdsClient, ...], found: list[Quickness]) -> dict[str, Quickness]:
    known = {one.client: one for one in found}
    return {one.id: known.get(one.id, Quickness(one.id, 0, 0, 0, None)) for one in clients}


def _raise_grave(problem: CountersignError) -> None:
    """What no other entry could mend is no matter of the form."""
    if problem.status >= 500 or problem.status in (403, 404):
        raise problem


def _field(problem: CountersignError) -> str:
    """The field of the form that a complaint leads to."""
    if isinstance(problem, BadKeys):
        return "jwks"
    return str(problem.details.get("field", "issuer"))
