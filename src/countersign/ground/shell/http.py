"""Builds the HTTP application from the floor, the rooms' manifests and the doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from countersign.ground.identity import Action, Policy
from countersign.ground.models import Switch

from .assets import STATIC, Assets
from .floor import Floor
from .manifest import Manifest
from .navigation import Navigation
from .observing import Observed, Seen
from .pages import Pages
from .problems import Problems
from .routes import (
    account_routes,
    factor_routes,
    hospital_routes,
    house_routes,
    presence_routes,
    second_routes,
    signin_routes,
)
from .security import ForgeryGuard, HostGuard, LastResort, SecurityHeaders, SizeLimit
from .sessions import Sessions, guards, signed_in
from .site import Site
from .visiting import Wrong, visiting


class UnguardedPage(ValueError):
    """A room's page that does not ask who is there; the house is not built with it."""


class SharedAddress(ValueError):
    """Two rooms claim the same address."""


def make_pages(
    site: Site,
    manifests: Sequence[Manifest],
    policy: Policy,
    switch: Switch,
    assets: Assets | None = None,
) -> Pages:
    """The pages of a house with these rooms; the floor that rooms receive carries them."""
    return Pages(
        site,
        Navigation((item for manifest in manifests for item in manifest.nav), policy),
        switch,
        {room.name: room.templates for room in manifests if room.templates},
        [room.locale for room in manifests if room.locale],
        assets,
    )


def build_http(
    floor: Floor,
    manifests: Sequence[Manifest],
    doors: Sequence[APIRouter] = (),
    mounts: Mapping[str, ASGIApp] | None = None,
    tell: Callable[[Seen], None] = lambda seen: None,
) -> FastAPI:
    """The application: the shell's own pages, then the rooms, then the doors.

    Doors guard themselves (they speak to other systems with tokens of their own); a room's
    page that depends on neither ``signed_in`` nor ``guarded`` raises UnguardedPage, and two
    rooms under one first path segment raise SharedAddress. A room names its pages on one
    router and includes no other. ``tell`` hears of every answered request.
    """
    sessions = Sessions(floor.accounts, floor.policy, floor.site.secure)
    problems = Problems(floor.pages)
    app = FastAPI(
        title="Countersign",
        version=floor.site.version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=_fences(floor, sessions, problems, tell),
    )
    app.state.sessions = sessions
    app.state.interviews, app.state.wrong_links = floor.interviews, Wrong()
    problems.install(app)
    own = [
        house_routes(floor.pages, sessions),
        signin_routes(floor.pages, floor.accounts, floor.entrance, sessions),
        second_routes(floor.pages, floor.entrance, sessions),
        hospital_routes(floor.pages, floor.accounts, floor.entrance, sessions),
        account_routes(floor.pages, floor.accounts, sessions, floor.people),
        factor_routes(floor.pages, floor.entrance, sessions),
        presence_routes(floor.pages, floor.entrance, sessions),
    ]
    mounts = {**(mounts or {}), "/static": _Static(directory=STATIC)}
    owners = {_segment(path): "the shell" for path in (*_paths(*own), "/static")}
    owners |= {_segment(path): "a door" for path in (*_paths(*doors), *mounts)}
    rooms = [_room(floor, manifest, owners) for manifest in manifests if manifest.pages]
    guests = [_guests(floor, manifest, owners) for manifest in manifests if manifest.guests]
    for router in (*own, *rooms, *guests, *doors):
        app.include_router(router)
    for path, mounted in mounts.items():
        app.router.routes.append(Route(path, _Bare(path, mounted), methods=None))
        app.mount(path, mounted)
    return app


def actions_of(route: BaseRoute) -> frozenset[Action]:
    """The actions that a route's guards ask the policy about, to compare pages with it."""
    if not isinstance(route, APIRoute):
        return frozenset()
    return frozenset(guards[call] for call in _calls(route.dependant) if call in guards)


def _room(floor: Floor, manifest: Manifest, owners: dict[str, str]) -> APIRouter:
    """A room's router, once every page of it is guarded and at an address of its own."""
    router = manifest.pages(floor) if manifest.pages else APIRouter()
    return _asking(router, signed_in, manifest.name, owners)


def _guests(floor: Floor, manifest: Manifest, owners: dict[str, str]) -> APIRouter:
    """A room's pages for those who hold a link, at an address apart from those of the staff."""
    router = manifest.guests(floor) if manifest.guests else APIRouter()
    return _asking(router, visiting, f"{manifest.name} (guests)", owners)


def _asking(router: APIRouter, guard: object, name: str, owners: dict[str, str]) -> APIRouter:
    for route in router.routes:
        if not isinstance(route, APIRoute) or guard not in _calls(route.dependant):
            raise UnguardedPage(f"{name}: {route} asks nobody who they are")
        owner = owners.setdefault(_segment(route.path), name)
        if owner != name:
            raise SharedAddress(f"{name}: {route.path} belongs to {owner}")
    return router


def _paths(*routers: APIRouter) -> list[str]:
    return [route.path for router in routers for route in router.routes if isinstance(route, Route)]


def _segment(path: str) -> str:
    return path.split("/")[1]


def _calls(dependant: Dependant) -> set[object]:
    found: set[object] = {dependant.call}
    for inner in dependant.dependencies:
        found |= _calls(inner)
    return found


def _fences(
    floor: Floor, sessions: Sessions, problems: Problems, tell: Callable[[Seen], None]
) -> list[Middleware]:
    """From the outermost to the innermost."""
    site, refuse = floor.site, problems.refuse
    return [
        Middleware(Observed, new_id=floor.new_id, tell=tell),
        Middleware(SecurityHeaders, secure=site.secure),
        Middleware(LastResort, new_id=floor.new_id, refuse=refuse),
        Middleware(HostGuard, hosts=site.hosts, refuse=refuse),
        Middleware(SizeLimit, limit_for=site.limit_for, refuse=refuse),
        Middleware(ForgeryGuard, secret=sessions.secret, refuse=refuse),
    ]


class _Bare:
    """What is mounted, at its own address without a slash: a redirect would lose a sent body."""

    def __init__(self, path: str, mounted: ASGIApp) -> None:
        self._path = path
        self._mounted = mounted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        inner = {**scope, "path": f"{scope['path']}/", "root_path": root + self._path}
        await self._mounted(inner, receive, send)


class _Static(StaticFiles):
    """Built files carry their hash in their name and may be kept; others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = path.startswith("dist/assets/") and response.status_code == 200
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if kept else "no-cache"
        )
        return response
