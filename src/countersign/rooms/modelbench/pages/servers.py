"""Model servers: connected, probed, drained, resumed and removed; how each of them fares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.models import PROBLEMS, Counted, Fares, Load, ModelServer
from countersign.ground.shell import Floor, NoSuchPage, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.service import STATES, LanguageServers

Text = Annotated[str, Form(max_length=1200)]
Short = Annotated[str, Form(max_length=300)]
Reader = Annotated[Principal, guarded(Action.MODELS_READ)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]
EMPTY = {
    "name": "",
    "address": "",
    "places": "8",
    "price_in": "",
    "price_out": "",
    "notes": "",
    "token": "",
}
NOTHING = Fares(Load(), "closed", Counted(), Counted(), Counted())


class ServerPages:
    """Everybody of the staff may look; administrators change."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def list(self, request: Request, principal: Reader) -> Response:
        """Every server with its load, what it used today and how it drifts."""
        fares = self._floor.models.fares()
        return self._floor.pages.render(
            request,
            "modelbench/servers.html",
            servers=[
                (one, fares.get(name, NOTHING))
                for name, one in self._floor.models.servers().items()
            ],
            may_change=self._may_change(principal),
        )

    def new(self, request: Request, principal: Keeper) -> Response:
        """The form for another server."""
        del principal  # the guard has asked already
        return self._form(request, EMPTY)

    def add(
        self,
        request: Request,
        principal: Keeper,
        name: Short = "",
        address: Short = "",
        places: Short = "",
        price_in: Short = "",
        price_out: Short = "",
        notes: Text = "",
        token: Text = "",
    ) -> Response:
        """Keeps the server, and shows what its first probe finds."""
        form = {
            "name": name,
            "address": address,
            "places": places,
            "price_in": price_in,
            "price_out": price_out,
            "notes": notes,
            "token": token,
        }
        try:
            made = self._servers().put(principal, form, known=False)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._form(request, {**form, "token": ""}, problem)
        return self.probe(request, principal, made)

    def one(self, request: Request, principal: Reader, server: str) -> Response:
        """One server: what it can do, how it fares, and what was done to it."""
        return self._one(request, principal, server)

    def change(
        self,
        request: Request,
        principal: Keeper,
        server: str,
        address: Short = "",
        places: Short = "",
        price_in: Short = "",
        price_out: Short = "",
        notes: Text = "",
        token: Text = "",
    ) -> Response:
        """Changes what an administrator says of a server."""
        self._floor.models.server(server)
        form = {
            "name": server,
            "address": address,
            "places": places,
            "price_in": price_in,
            "price_out": price_out,
            "notes": notes,
            "token": token,
        }
        try:
            self._servers().put(principal, form, known=True)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._one(request, principal, server, problem, {**form, "token": ""})
        return RedirectResponse(f"/modelbench/servers/of/{server}", 303)

    def probe(self, request: Request, principal: Keeper, server: str) -> Response:
        """Takes the server's list anew and has the rest tried; says so where it does not answer."""
        try:
            self._floor.models.look(principal, server)
        except CountersignError as problem:
            if problem.status != 502:
                raise
            return self._one(request, principal, server, problem)
        return RedirectResponse(f"/modelbench/servers/of/{server}", 303)

    def state(self, principal: Keeper, server: str, what: Short = "") -> Response:
        """Drains, resumes or removes it."""
        if what not in STATES:
            raise NoSuchPage
        self._floor.models.set_state(principal, server, STATES[what])
        gone = what == "remove"
        where = "/modelbench/servers" if gone else f"/modelbench/servers/of/{server}"
        return RedirectResponse(where, 303)

    def _one(
        self,
        request: Request,
        principal: Principal,
        name: str,
        problem: CountersignError | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        server = self._floor.models.server(name)
        history = self._floor.models.history(name)
        return self._floor.pages.render(
            request,
            "modelbench/server.html",
            status=problem.status if problem and problem.status == 422 else 200,
            server=server,
            probed=server.probed or {},
            problems=PROBLEMS,
            models=_models(server),
            fares=self._floor.models.fares().get(name, NOTHING),
            history=history,
            names=self._names([one.actor for one in history]),
            form=form or _form_of(server),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            may_change=self._may_change(principal),
        )

    def _form(
        self, request: Request, form: Mapping[str, str], problem: CountersignError | None = None
    ) -> Response:
        return self._floor.pages.render(
            request,
            "modelbench/new_server.html",
            status=problem.status if problem else 200,
            form=form,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _servers(self) -> LanguageServers:
        return LanguageServers(self._floor.models, self._floor.gateway)

    def _may_change(self, principal: Principal) -> bool:
        facts = Facts.house("models")
        return self._floor.policy.decide(principal, Action.MODELS_REGISTER, facts).allowed

    def _names(self, actors: list[str]) -> dict[str, str]:
        found = self._floor.people.names({one.removeprefix("person:") for one in actors})
        return {f"person:{key}": name for key, name in found.items()}


def _form_of(server: ModelServer) -> dict[str, str]:
    return {
        "name": server.name,
        "address": server.address,
        "places": str(server.places),
        "price_in": f"{server.price_in.normalize():f}",
        "price_out": f"{server.price_out.normalize():f}",
        "notes": server.notes,
        "token": "",
    }


def _models(server: ModelServer) -> list[dict[str, object]]:
    """Each model of a server with what the probe found of it; None is what nobody knows."""
    said = server.probed or {}
    seen = {str(one.get("name")): one for one in said.get("models", ())}
    return [
        {
            "name": one.model,
            "ref": one.ref,
            "context": seen.get(one.model, {}).get("context"),
            "speed": seen.get(one.model, {}).get("tokens_per_second"),
            "problems": seen.get(one.model, {}).get("problems", ()),
            **{what: server.able(one.model, what) for what in ABILITIES},
        }
        for one in server.models
    ]


ABILITIES = ("streaming", "json_schema", "tools", "logprobs", "reasoning")
