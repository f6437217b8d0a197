"""One process of an installation: how it is started, watched, and started again when killed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from countersign.kit.errors import CountersignError

from .settings import Settings

MARKS = "ready"
"""The folder, within that of a running installation, of the processes that are ready."""

FAILURES = 5
"""Times in a row that a process may end before it has worked."""

SETTLED = 2.0
"""Seconds after which a process that was ready counts as one that works."""


class ServerEnded(CountersignError):
    code = "app.server_ended"
    status = 500
    message = "The {process} ended by itself. Read the lines above; “countersign doctor” helps."


def mark_ready(settings: Settings) -> None:
    """Says that this process works; without a supervisor nobody asks."""
    if (folder := settings.running / MARKS).is_dir():
        (folder / str(os.getpid())).touch()


class Part:
    """A process that is replaced when it ends; one that ends of itself before it ever worked
    ends everything.

    ``marks`` is the folder in which a process that is ready leaves a file named by its
    number; ``inherited`` are descriptors that it receives.
    """

    def __init__(
        self, name: str, command: Sequence[str], marks: Path, inherited: Sequence[int] = ()
    ) -> None:
        self.name = name
        self._command = command
        self._marks = marks
        self._inherited = inherited
        self._failures = 0
        self._worked = False
        self._ready_at: float | None = None
        self._process = self._spawn()
        self._next_start = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> bool:
        """Whether the present process said that it works."""
        return (self._marks / str(self._process.pid)).exists()

    def ended(self) -> bool:
        return self._process.poll() is not None

    def tend(self) -> bool:
        """Starts a process that ended again; True when it did. Raises ServerEnded."""
        now = time.monotonic()
        if not self.ended():
            if self._ready_at is None and self.ready():
                self._ready_at = now
            if self._ready_at is not None and now - self._ready_at > SETTLED:
                self._worked, self._failures = True, 0
            return False
        if self._next_start == 0.0:
            self._count(now)
        if now < self._next_start:
            return False
        self._process, self._ready_at, self._next_start = self._spawn(), None, 0.0
        return True

    def replacement(self) -> Part:
        """Another process of the same kind, beside this one."""
        return Part(self.name, self._command, self._marks, self._inherited)

    def ask(self, number: int) -> None:
        """Sends a signal."""
        if not self.ended():
            self._process.send_signal(number)

    def await_end(self, seconds: float) -> None:
        """Waits, and kills what does not end."""
        try:
            self._process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Takes away the mark of the process, which a later one may have the number of."""
        (self._marks / str(self._process.pid)).unlink(missing_ok=True)

    def _count(self, now: float) -> None:
        """When to start again: at once when it was killed at work, later else.

        Raises ServerEnded where it ended of itself before it had ever worked, or fails again
        and again.
        """
        self.forget()
        of_itself = (self._process.returncode or 0) >= 0
        early = self._ready_at is None or now - self._ready_at < SETTLED
        self._failures = self._failures + 1 if early else 0
        never_worked = not self._worked and self._ready_at is None
        if of_itself and never_worked or self._failures > FAILURES:
            raise ServerEnded(process=self.name)
        self._next_start = now + 0.5 * self._failures

    def _spawn(self) -> subprocess.Popen[bytes]:
        # A process group of its own: Ctrl-C reaches us alone, and we end all in order.
        return subprocess.Popen(  # noqa: S603
            self._command, start_new_session=True, pass_fds=tuple(self._inherited)
        )
