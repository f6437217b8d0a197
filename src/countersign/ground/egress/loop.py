"""An event loop that asks the guard: uvloop connects in C, where no audit hook hears of it."""

from __future__ import annotations

from typing import Any

import uvloop

from .errors import HookRefused
from .guard import GUARD


class GuardedLoop(uvloop.Loop):
    """The web server's loop: it listens and answers, and opens nothing that is not permitted."""

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, *more: Any, **options: Any
    ) -> Any:
        """As asyncio's. Raises HookRefused."""
        if host is not None:
            GUARD.looks_up(host)
            GUARD.connects(None, (host, port))
        return await super().create_connection(protocol_factory, host, port, *more, **options)

    async def create_datagram_endpoint(self, *more: Any, **options: Any) -> Any:
        """There is none: datagrams are sent without a connection that could be judged."""
        GUARD.report("a datagram socket", __name__)
        raise HookRefused(place="a datagram socket")

    async def create_unix_connection(
        self, protocol_factory: Any, path: Any = None, **options: Any
    ) -> Any:
        """As asyncio's. Raises HookRefused."""
        if path is not None:
            GUARD.connects(None, str(path))
        return await super().create_unix_connection(protocol_factory, path, **options)

    async def sock_connect(self, sock: Any, address: Any) -> Any:
        """As asyncio's. Raises HookRefused."""
        GUARD.connects(sock, address)
        return await super().sock_connect(sock, address)

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """As asyncio's. Raises HookRefused."""
        GUARD.looks_up(host)
        return await super().getaddrinfo(host, port, **options)


def guarded_loop() -> GuardedLoop:
    """What the web server calls for its loop."""
    return GuardedLoop()
