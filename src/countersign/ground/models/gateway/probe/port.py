"""The one thing that a probe needs of the world: to send something and be told what came when."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from countersign.ground.egress import Egress, EgressFailed, EgressRefused
from countersign.kit.json import JSON, MalformedJSON, decode, encode

LARGEST = 2 * 1024 * 1024
"""Bytes of one answer; what a probe asks for has a few thousand."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``parts`` are (seconds since asking, bytes), in their order.

    ``why`` is "" for a whole reply, else the code of a problem: ``away``, ``late``, ``refused``
    by the allow-list, or ``broken``; what had come until then is kept.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: tuple[tuple[float, bytes], ...] = ()
    why: str = ""

    @property
    def content(self) -> bytes:
        """The whole body."""
        return b"".join(part for _, part in self.parts)

    @property
    def value(self) -> Any:
        """The body as JSON, None where it is none or the status says that it failed."""
        if self.why or self.status != 200:
            return None
        try:
            return decode(self.content)
        except MalformedJSON:
            return None


Post = Callable[[str, str, JSON | None, float], Reply]
"""(method, path, body, seconds) to a reply; ``path`` begins with a slash and follows the base
address, or with two for the root of the server. Raises nothing for what a server does."""


def over(
    egress: Egress,
    address: str,
    headers: Mapping[str, str],
    clock: Callable[[], float] = time.monotonic,
) -> Post:
    """A port to the server at ``address`` (``http://host:port/v1``), bounded in time and size."""
    base = address.rstrip("/")
    root = base.removesuffix("/v1")

    def once(
        method: str, path: str, body: JSON | None, seconds: float, fresh: bool = False
    ) -> Reply:
        url = root + path[1:] if path.startswith("//") else base + path
        sent = {**headers, "content-type": "application/json"}
        content = None if body is None else encode(body)
        parts: list[tuple[float, bytes]] = []
        status, told = 0, dict[str, str]()
        began = clock()
        try:
            with egress.stream(
                method,
                url,
                headers=sent,
                content=content,
                timeout=seconds,
                largest=LARGEST,
                fresh=fresh,
            ) as answer:
                status, told = answer.status, dict(answer.headers)
                parts.extend((clock() - began, part) for part in answer)
        except EgressRefused:
            return Reply(why="refused")
        except EgressFailed as problem:
            return Reply(status, told, tuple(parts), _why(str(problem.details.get("problem"))))
        return Reply(status, told, tuple(parts))

    def post(method: str, path: str, body: JSON | None, seconds: float) -> Reply:
        reply = once(method, path, body, seconds)
        # llama.cpp's server closes its connection after each streamed answer without saying so;
        # a request that met the closing was not read and goes again, over a new one.
        unread = reply.why == "broken" and not reply.status
        return once(method, path, body, seconds, fresh=True) if unread else reply

    return post


def _why(problem: str) -> str:
    if problem in ("DeadlinePassed", "ReadTimeout", "WriteTimeout", "ConnectTimeout"):
        return "late"
    return "away" if problem == "ConnectError" else "broken"
