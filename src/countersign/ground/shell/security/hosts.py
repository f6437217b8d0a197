"""Refuses requests under a foreign host name, so that no link or cookie can be bent there."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from countersign.ground.shell.errors import UnknownHost

from .fence import Refuse, turn_away


class HostGuard:
    """Lets pass what names one of ``hosts`` (names without port; ``*`` lets all pass)."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], refuse: Refuse) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if "*" in self._hosts or bare(host) in self._hosts:
            await self._app(scope, receive, send)
            return
        await turn_away(self._refuse, UnknownHost(host=host[:80]), scope, receive, send)


def bare(host: str) -> str:
    """The host name without its port: ``[::1]:8000`` gives ``[::1]``."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
