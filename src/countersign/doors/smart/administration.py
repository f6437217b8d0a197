"""The administrator's page of apps: which are registered, adding one, revoking one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, AppKind, BadScope, Principal
from countersign.ground.shell import Floor, guarded, smart_addresses
from countersign.kit.errors import CountersignError

from .discovery import issuer_of, root_of
from .errors import BadKeys
from .registration import new_app
from .words import APP_KINDS

Text = Annotated[str, Form(max_length=70_000)]
Many = Annotated[list[str], Form()]
Reader = Annotated[Principal, guarded(Action.CLIENTS_READ)]
Changer = Annotated[Principal, guarded(Action.CLIENTS_CHANGE)]
EMPTY = {
    "name": "", "kind": "", "identifier": "", "scopes": "", "redirect_uris": "",
    "launch_uri": "", "jwks": "", "jwks_url": "",
}  # fmt: skip


def add_administration(router: APIRouter, floor: Floor) -> None:
    """``/smart/apps`` and what hangs below it."""
    desk = _Desk(floor)
    for path, handler, method in (
        ("/apps", desk.show, "GET"),
        ("/apps", desk.add, "POST"),
        ("/apps/{app}/revoke", desk.revoke, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._apps = floor.apps

    def show(self, request: Request, principal: Reader) -> Response:
        """The list and an empty form."""
        return self._page(request, principal, EMPTY)

    def add(
        self,
        request: Request,
        principal: Changer,
        name: Text = "",
        kind: Text = "",
        identifier: Text = "",
        scopes: Text = "",
        redirect_uris: Text = "",
        launch_uri: Text = "",
        jwks: Text = "",
        jwks_url: Text = "",
        departments: Many = [],  # noqa: B006 - FastAPI copies the default
        introspects: Text = "",
    ) -> Response:
        """Registers an app, or shows again what was entered with what is wrong."""
        given = {
            "scopes": scopes,
            "redirect_uris": redirect_uris,
            "launch_uri": launch_uri,
            "jwks": jwks,
            "jwks_url": jwks_url,
            "identifier": identifier,
        }
        try:
            new = new_app(
                name, kind, departments=departments, introspects=introspects == "yes", **given
            )
            self._apps.registry.add(new, by=principal)
        except CountersignError as problem:
            if problem.status >= 500 or problem.status == 403:
                raise
            entered = {**given, "name": name, "kind": kind}
            return self._page(request, principal, entered, problem, departments, introspects)
        return RedirectResponse("/smart/apps", 303)

    def revoke(self, principal: Changer, app: str) -> Response:
        """The app and its tokens hold no more."""
        self._apps.registry.revoke(app, by=principal)
        self._apps.tokens.forget()
        return RedirectResponse("/smart/apps", 303)

    def _page(
        self,
        request: Request,
        principal: Principal,
        entered: dict[str, str],
        problem: CountersignError | None = None,
        departments: list[str] | None = None,
        introspects: str = "",
    ) -> Response:
        field = _field(problem) if problem else None
        return self._floor.pages.render(
            request,
            "smart/apps.html",
            status=problem.status if problem else 200,
            apps=self._apps.registry.all(by=principal),
            kinds=APP_KINDS,
            app_kinds=list(AppKind),
            entered=entered,
            chosen=departments or [],
            introspects=["yes"] if introspects else [],
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            field=field,
            departments=self._floor.people.departments(),
            issuer=issuer_of(request),
            at=smart_addresses(root_of(request)),
        )


def _field(problem: CountersignError) -> str:
    """The field of the form that a complaint leads to."""
    if isinstance(problem, BadScope):
        return "scopes"
    if isinstance(problem, BadKeys):
        return "jwks"
    field = str(problem.details.get("field", "name"))
    return "identifier" if field == "id" else field
