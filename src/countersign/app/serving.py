"""One web process: serves on a socket it was handed, and leaves without losing a request."""

from __future__ import annotations

import asyncio
import os
import signal
from types import FrameType
from typing import Literal

import uvicorn

from .logs import configure

DRAIN = 5.0
"""Seconds in which open connections may still bring a request before they are closed."""

ORDERLY = 10
"""Seconds for what is being answered when everything stops."""

LEAVE = signal.SIGUSR1
"""Asks a process to leave because another has taken its place."""


class WebProcess(uvicorn.Server):
    """Answers until it is asked to stop, to leave, or loses whoever started it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._starter = os.getppid()
        self._leaving = False
        signal.signal(LEAVE, self._leave)

    async def on_tick(self, counter: int) -> bool:
        """True when it is time to go; an orphan would keep the port from its successor."""
        return await super().on_tick(counter) or os.getppid() != self._starter

    async def shutdown(self, sockets: object = None) -> None:
        """Accepts no more; who is connected gets an answer that says not to come back here.

        Connections that nobody has accepted yet wait in the shared socket for the others.
        """
        if self._leaving:
            for server in self.servers:
                server.close()
            self.server_state.default_headers.append((b"connection", b"close"))
            for connection in list(self.server_state.connections):
                cycle = getattr(connection, "cycle", None)
                if cycle is not None and not cycle.response_complete:
                    connection.shutdown()  # lets it answer first
            for _ in range(round(DRAIN / 0.05)):
                if not self.server_state.connections:
                    break
                await asyncio.sleep(0.05)
        await super().shutdown()

    def _leave(self, number: int, frame: FrameType | None) -> None:
        self._leaving = True
        self.should_exit = True


def serve(fd: int, form: Literal["text", "json"]) -> None:
    """Serves on the listening socket ``fd`` until a signal; logs in this form."""
    config = uvicorn.Config(
        "countersign.app.web:application",
        factory=True,
        fd=fd,
        loop="countersign.ground.egress.loop:guarded_loop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ORDERLY,
        timeout_keep_alive=30,
    )
    configure(form)
    WebProcess(config).run()
