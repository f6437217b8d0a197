"""Stops a request body that is too large while it streams, whatever it claims about its size."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from countersign.ground.shell.errors import RequestTooLarge

from .fence import Refuse, turn_away


class SizeLimit:
    """Counts the bytes of a body; ``limit_for`` gives the most bytes for a path."""

    def __init__(self, app: ASGIApp, limit_for: Callable[[str], int], refuse: Refuse) -> None:
        self._app = app
        self._limit_for = limit_for
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_for(scope["path"])
        problem = RequestTooLarge(limit=_readable(limit))
        if _declared(scope) > limit:
            await turn_away(self._refuse, problem, scope, receive, send)
            return
        counted = _Counted(receive, send, limit, problem)
        try:
            await self._app(scope, counted.receive, counted.send)
        except RequestTooLarge:
            if counted.answered:
                raise
        if counted.exceeded and not counted.answered:
            await turn_away(self._refuse, problem, scope, receive, send)


class _Counted:
    """The two channels of one request; mutes the inner answer once the body is too large."""

    def __init__(self, receive: Receive, send: Send, limit: int, problem: RequestTooLarge) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._problem = problem
        self.exceeded = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.exceeded = True
                raise self._problem
        return message

    async def send(self, message: Message) -> None:
        if self.exceeded and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _readable(limit: int) -> str:
    return f"{limit / 1024 / 1024:g} MB" if limit >= 1024 * 1024 else f"{limit / 1024:g} KB"
