"""Refuses a changing request that did not come from one of our own pages (CSRF)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from countersign.ground.shell.errors import ForgedRequest
from countersign.ground.shell.tokens import FIELD, HEADER, same_token

from .fence import Refuse, turn_away

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
PEEK = 8 * 1024
_URLENCODED = re.compile(rb"%b=([\w-]*)(?:&|$)" % FIELD.encode())
_PART = re.compile(
    rb'--[^\r\n]+\r\nContent-Disposition: form-data; name="%b"\r\n\r\n([\w-]*)\r\n'
    % FIELD.encode(),
    re.IGNORECASE,
)

Secrets = Callable[[Request], "str | None"]
"""The cookie whose holder could be abused by a foreign page, or None where there is none."""


class ForgeryGuard:
    """Asks of every request that changes something and carries a session cookie for its token.

    The token stands in a header, or in the **first** field of the form, so that a large
    upload need not be read before it is judged. A request without a cookie has no authority
    that another site could borrow, and passes.
    """

    def __init__(self, app: ASGIApp, secret: Secrets, refuse: Refuse) -> None:
        self._app = app
        self._secret = secret
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        secret = self._secret(Request(scope))
        if secret is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        held: list[Message] = []
        given = headers.get(HEADER)
        if given is None:
            held = await _peek(receive)
            given = _first_field(headers.get("content-type", ""), held)
        if _foreign(headers) or not same_token(secret, given or ""):
            await turn_away(self._refuse, ForgedRequest(), scope, receive, send)
            return
        await self._app(scope, _replayed(held, receive), send)


def _foreign(headers: Headers) -> bool:
    """What the browser itself says about where the request came from (it cannot be forged)."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


async def _peek(receive: Receive) -> list[Message]:
    held: list[Message] = []
    size = 0
    while size < PEEK:
        message = await receive()
        held.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return held


def _first_field(content_type: str, held: list[Message]) -> str | None:
    start = b"".join(message.get("body", b"") for message in held)[:PEEK]
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        found = _URLENCODED.match(start)
    elif kind == "multipart/form-data":
        found = _PART.match(start)
    else:
        found = None
    return found.group(1).decode() if found else None


def _replayed(held: list[Message], receive: Receive) -> Receive:
    waiting = iter(held)

    async def replay() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replay
