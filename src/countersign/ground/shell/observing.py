"""Gives each request a number and tells, without a word of its content, how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from countersign.kit.ids import NewId

HEADER = "x-request-id"
NOWHERE = "(none)"
"""Stands for an address that leads nowhere: what was typed may be anything."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answered request: its route's template, never its address or what it carried.

    ``principal`` is a hash of the person's or client's identifier, "" where nobody signed in.
    """

    request: str
    method: str
    route: str
    status: int
    seconds: float
    principal: str = ""


class Observed:
    """Numbers requests, answers with the number, and hands what was seen to ``tell``."""

    def __init__(self, app: ASGIApp, new_id: NewId, tell: Callable[[Seen], None]) -> None:
        self._app = app
        self._new_id = new_id
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = self._new_id()
        scope.setdefault("state", {})["request_id"] = number
        begun = time.perf_counter()
        status = 500

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        finally:
            seconds = time.perf_counter() - begun
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._tell(Seen(number, method, template(scope), status, seconds, _who(scope)))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def template(scope: Scope) -> str:
    """The pattern of the route that answered, such as ``/charts/{patient}``."""
    if (route := scope.get("route")) is not None and hasattr(route, "path"):
        return f"{scope.get('root_path', '')}{route.path}"
    endpoint, app = scope.get("endpoint"), scope.get("app")
    routes: Sequence[BaseRoute] = getattr(app, "routes", ())
    return _found(routes, endpoint) or NOWHERE


def _found(routes: Sequence[BaseRoute], endpoint: object) -> str | None:
    for route in routes:
        if isinstance(route, Route) and route.endpoint is endpoint:
            return route.path
        if isinstance(route, Mount):
            if route.app is endpoint:
                return f"{route.path}/…"
            inner = _found(route.routes, endpoint)
            if inner is not None:
                return f"{route.path}{inner}"
    return None


def _who(scope: Scope) -> str:
    state: Mapping[str, object] = scope.get("state", {})
    actor = getattr(state.get("principal"), "actor", "")
    return sha256(actor.encode()).hexdigest()[:16] if actor else ""
