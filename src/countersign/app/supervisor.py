"""Starts the web processes and the worker, watches, replaces and ends them together."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType

from countersign.ground.db import EmbeddedPostgres

from .listening import Listening, listen
from .part import MARKS, Part, ServerEnded
from .serving import LEAVE
from .settings import Settings

PATIENCE = 60.0
"""Seconds for the first page, and for an orderly end."""

SUPERVISOR, RELOADED = "supervisor.pid", "reloaded"
"""Files of the folder ``running``: whom to ask for a reload, and how the last one went."""

NUMBERS, GATHER = "metrics", "PROMETHEUS_MULTIPROC_DIR"
"""Where the web processes keep what they count, and how prometheus_client learns of it."""


def lock_of(folder: Path) -> Path:
    """The file that whoever runs in ``folder`` holds locked until that is gone."""
    return folder.with_name(f"{folder.name}.lock")


logger = logging.getLogger(__name__)


class Supervisor:
    """All processes of an installation as one. ``database`` is the embedded server, if any."""

    def __init__(self, settings: Settings, database: EmbeddedPostgres | None = None) -> None:
        self._settings = settings
        self._database = database
        self._web: list[Part] = []
        self._worker: list[Part] = []
        self._leaving: list[tuple[float, Part]] = []
        self._stopping = False
        self._reload = False
        self._reloads = 0

    def run(self, when_ready: Callable[[], None]) -> None:
        """Serves until SIGINT or SIGTERM; SIGHUP replaces every process without a pause.

        Calls ``when_ready`` at the first page. A process that is killed is started again,
        the embedded PostgreSQL too. Raises ServerEnded when one never works; the others
        are ended then.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)
        folder = self._settings.running
        folder.parent.mkdir(parents=True, exist_ok=True)
        with closing(listen(self._settings)) as shared, lock_of(folder).open("a") as lock:
            if self._alone(lock.fileno()):
                self._run_in(folder, shared, when_ready)

    def _alone(self, lock: int) -> bool:
        """Waits until whoever ran here before, and closed its port, has taken its folder away.
        False where this one is asked to stop meanwhile."""
        while not self._stopping:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            time.sleep(0.05)
        return False

    def _run_in(self, folder: Path, shared: Listening, when_ready: Callable[[], None]) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / MARKS).mkdir(parents=True)
        (folder / SUPERVISOR).write_text(str(os.getpid()))
        try:
            self._start(shared.fileno())
            self._await_first_page()
            if not self._stopping:
                when_ready()
            while not self._stopping:
                self._tend()
                if self._reload:
                    self._replace_all()
                time.sleep(0.05)
        finally:
            shared.close()
            self._end()
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self, fd: int) -> None:
        marks = self._settings.running / MARKS
        program = [sys.executable, "-m", "countersign.app"]
        numbers = self._settings.running / NUMBERS
        numbers.mkdir()
        serve = ["env", f"{GATHER}={numbers}", *program, "serve", "--fd", str(fd)]
        for _ in range(self._settings.web_processes):
            self._web.append(Part("web server", serve, marks, (fd,)))
        self._worker.append(Part("worker", [*program, "work"], marks))
        if self._settings.hl7v2.port:
            self._worker.append(Part("HL7 v2 listener", [*program, "receive"], marks))
        if self._settings.dicom.port:
            self._worker.append(Part("DICOM listener", [*program, "receive-pictures"], marks))

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._reload = True
        else:
            self._stopping = True

    def _await_first_page(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self._stopping and time.monotonic() < until:
            self._tend()
            if any(part.ready() for part in self._web):
                return
            time.sleep(0.05)

    def _tend(self) -> None:
        """Looks after everything once."""
        if self._database is not None and not self._database.running():
            said = "it is started again" if self._database.revive() else "it does not start yet"
            logger.error("PostgreSQL was killed; %s", said)
        for part in (*self._web, *self._worker):
            if part.tend():
                self._forget_gauges()
                logger.error("a %s was killed; another one was started", part.name)
        now = time.monotonic()
        for until, part in list(self._leaving):
            if part.ended() or now > until:
                part.await_end(0.1)
                self._leaving.remove((until, part))

    def _forget_gauges(self) -> None:
        """What a process that is gone has open counts no more; what it counted stays."""
        living = {str(part.pid) for part in (*self._web, *(one for _, one in self._leaving))}
        for file in (self._settings.running / NUMBERS).glob("gauge_live*_*.db"):
            if file.stem.rpartition("_")[2] not in living:
                file.unlink(missing_ok=True)

    def _replace_all(self) -> None:
        """One process after the other; the first that does not start stops the replacing."""
        self._reload = False
        done = self._prepared()
        for parts, goodbye in ((self._web, LEAVE), (self._worker, signal.SIGTERM)):
            for place in range(len(parts)):
                done = done and self._replace(parts, place, goodbye)
        while self._leaving and not self._stopping:
            self._tend()
            time.sleep(0.05)
        self._forget_gauges()
        self._reloads += 1
        said = f"{self._reloads} {'done' if done else 'failed'}"
        (self._settings.running / RELOADED).write_text(said)
        if not done:
            logger.error("the reload was given up; the processes that were there go on")

    def _prepared(self) -> bool:
        """Migrates and registers with the software as it is now on the disk."""
        command = [sys.executable, "-m", "countersign.app", "prepare"]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603

    def _replace(self, parts: list[Part], place: int, goodbye: int) -> bool:
        fresh = parts[place].replacement()
        until = time.monotonic() + PATIENCE
        while not fresh.ready():
            self._tend()
            if self._stopping or fresh.ended() or time.monotonic() > until:
                fresh.ask(signal.SIGKILL)
                fresh.await_end(1)
                return False
            time.sleep(0.05)
        old, parts[place] = parts[place], fresh
        old.ask(goodbye)
        self._leaving.append((time.monotonic() + PATIENCE, old))
        return True

    def _end(self) -> None:
        everything = [*self._web, *self._worker, *(part for _, part in self._leaving)]
        for part in everything:
            part.ask(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        for part in everything:
            part.await_end(until - time.monotonic())


__all__ = ["PATIENCE", "RELOADED", "SUPERVISOR", "ServerEnded", "Supervisor"]
