"""How a fence turns a request away: with a page that says why, made off the event loop."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from countersign.kit.errors import CountersignError

Refuse = Callable[[Request, CountersignError], Response]
"""Makes the page (or JSON) that tells the person about an error."""


async def turn_away(
    refuse: Refuse, error: CountersignError, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answers with the error instead of passing the request on."""
    response = await run_in_threadpool(refuse, Request(scope), error)
    response.headers["connection"] = "close"
    await response(scope, receive, send)
