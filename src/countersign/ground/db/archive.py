"""Where the server copies each finished piece of its log, and how it reads them back."""

from __future__ import annotations

import os
import shlex
import shutil
from datetime import datetime
from pathlib import Path

EVERY = 60
"""Seconds after which an unfinished piece is archived too: what a lost disk may cost."""


def archiving(archive: Path | None, user: str | None) -> str:
    """The server's settings for ``archive``; ``user`` is whom it runs as, when not as us.

    A piece is copied aside, flushed and renamed: in the archive lies a whole piece or none,
    and one that is there already is never overwritten by another content.
    """
    if archive is None:
        return "archive_mode = off\n"
    archive.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user is not None:
        shutil.chown(archive, user)
        _let_through(archive.parent)
    folder = shlex.quote(str(archive))
    command = (
        f"if test -f {folder}/%f; then cmp -s %p {folder}/%f; else"
        f" cp %p {folder}/.%f.part && sync -d {folder}/.%f.part"
        f" && mv {folder}/.%f.part {folder}/%f && sync {folder}; fi"
    )
    return f"archive_mode = on\narchive_timeout = {EVERY}\narchive_command = {quoted(command)}\n"


def restoring(archive: Path | None, until: datetime | None) -> str:
    """The server's settings for replaying the log of ``archive`` up to ``until``."""
    lines = ["archive_mode = off", "recovery_target_action = promote"]
    fetch = "false"
    if archive is not None:
        fetch = f"cp {shlex.quote(str(archive))}/%f %p"
    lines.append(f"restore_command = {quoted(fetch)}")
    if until is not None:
        lines.append(f"recovery_target_time = {quoted(until.isoformat())}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A value for the server's configuration."""
    return "'" + text.replace("'", "''") + "'"


def _let_through(folder: Path) -> None:
    """The server's user must be able to come to the archive, not to read what lies beside."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & 0o001 and each.stat().st_uid == os.geteuid():
            each.chmod(mode | 0o001)
