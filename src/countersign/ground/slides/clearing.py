"""Files of slides that no row knows: a failure between a file and its row leaves such."""

from __future__ import annotations

import os
import re
import shutil
from itertools import islice
from pathlib import Path

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .files import SlideFiles

MANY = 500
"""Folders that are compared with their rows at once."""

LOCK = "select pg_advisory_xact_lock(hashtext('slides.content/' || %s))"
"""A content, in hexadecimal, is put in its place and known, or cleared away, never both at once."""

_CONTENT = re.compile("[0-9a-f]{64}")


def clear_unknown(pool: Pool, files: SlideFiles, older: float, now: float) -> int:
    """Removes kept files whose content is no slide's and that are ``older`` (seconds); returns of
    how many contents. ``now`` is seconds since 1970."""
    gone, contents = 0, (files.root / "files").glob("??/*")
    while folders := list(islice(contents, MANY)):
        old = {
            folder.name: folder
            for folder in folders
            if _CONTENT.fullmatch(folder.name) and age(folder, now) > older
        }
        with pool.transaction() as connection:
            unknown = old.keys() - _known(connection, list(old))
        for name in unknown:
            with pool.transaction() as connection:
                connection.execute(LOCK, (name,))
                if not _known(connection, [name]):
                    shutil.rmtree(old[name], ignore_errors=True)
                    gone += 1
    return gone


def age(path: Path, now: float) -> float:
    """Seconds since it changed; 0 where it is not there any more."""
    try:
        return now - os.lstat(path).st_mtime
    except OSError:
        return 0.0


def _known(connection: Connection[DictRow], names: list[str]) -> set[str]:
    rows = connection.execute(
        "select sha256 from slides.slide where sha256 = any(%s)",
        ([bytes.fromhex(name) for name in names],),
    ).fetchall()
    return {bytes(row["sha256"]).hex() for row in rows}
