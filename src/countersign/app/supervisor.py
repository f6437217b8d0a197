"""Starts the web server and the worker, watches them, and ends them together."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from countersign.kit.errors import CountersignError

from .settings import Settings

PATIENCE = 60.0
"""Seconds for the first page, and for an orderly end."""

READY = "ready"


class ServerEnded(CountersignError):
    code = "app.server_ended"
    status = 500
    message = "The {process} ended by itself. Read the lines above; “countersign doctor” helps."


class Supervisor:
    """Both processes of an installation as one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def run(self, when_ready: Callable[[], None]) -> None:
        """Serves until SIGINT or SIGTERM; calls ``when_ready`` at the first page.

        Raises ServerEnded when one of them ends by itself; the other is ended too.
        """
        shutil.rmtree(self._settings.home / READY, ignore_errors=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        try:
            self._start("web server", _web(self._settings))
            self._start("worker", [sys.executable, "-m", "countersign.app", "work"])
            self._await_first_page()
            if not self._stopping:
                when_ready()
            while not self._stopping:
                self._check()
                time.sleep(0.2)
        finally:
            self._end()

    def _start(self, name: str, command: Sequence[str]) -> None:
        # A process group of its own: Ctrl-C reaches us alone, and we end both in order.
        self._processes[name] = subprocess.Popen(command, start_new_session=True)  # noqa: S603

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _await_first_page(self) -> None:
        until = time.monotonic() + PATIENCE
        folder = self._settings.home / READY
        while not self._stopping and time.monotonic() < until:
            self._check()
            if folder.is_dir() and any(folder.iterdir()):
                return
            time.sleep(0.05)

    def _check(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None and not self._stopping:
                raise ServerEnded(process=name)

    def _end(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + PATIENCE
        for process in self._processes.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _web(settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "countersign.app.serve", "countersign.app.serve:application",
        "--factory", "--loop", "countersign.ground.egress.loop:guarded_loop",
        "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.web_processes),
        "--log-level", "warning", "--no-access-log", "--no-server-header",
        "--timeout-graceful-shutdown", "10", "--timeout-keep-alive", "30",
    ]  # fmt: skip
