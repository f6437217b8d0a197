"""Slides of the watched folder: where they lie there, and whether they are still what came."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from countersign.ground.db import Pool
from countersign.ground.vault import Vault

from .files import companions
from .held import KeptSlide

Fingerprint = tuple[int, int]
"""Bytes of all files of a slide together, and their latest change in nanoseconds."""

ABSENT: Fingerprint = (-1, -1)


def readable(name: str) -> str:
    """A file's name as text for people: of an old scanner it may be GBK and no UTF-8."""
    if not _odd(name):
        return name
    raw = os.fsencode(name)
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def place_of(path: Path, folder: Path) -> str:
    """Where a file lies within the folder, as text that ``path_at`` takes back. What is no UTF-8
    begins with a slash, as no other place does, and is percent-encoded."""
    place = str(path.relative_to(folder))
    return f"/{quote(os.fsencode(place))}" if _odd(place) else place


def path_at(folder: Path, place: str) -> Path:
    """The file at a place of the folder."""
    inner = os.fsdecode(unquote_to_bytes(place[1:])) if place.startswith("/") else place
    return folder / inner


def _odd(name: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in name)


def fingerprint(paths: Sequence[Path]) -> Fingerprint:
    """Changes with every write; ``ABSENT`` where one is not there any more or no file."""
    total, changed = 0, 0
    for path in paths:
        try:
            found = os.lstat(path)
        except OSError:
            return ABSENT
        if not stat.S_ISREG(found.st_mode):
            return ABSENT
        total, changed = total + found.st_size, max(changed, found.st_mtime_ns)
    return total, changed


def seen_at(pool: Pool, vault: Vault, places: Sequence[str]) -> dict[str, tuple[str, Fingerprint]]:
    """Of those places that became a slide: which one, and how its files looked then."""
    keys = {vault.blind("slide-place", place): place for place in places}
    rows = pool.rows(
        "select place, bytes, changed, slide from slides.seen where place = any(%s)",
        (list(keys),),
    )
    return {keys[row["place"]]: (row["slide"], (row["bytes"], row["changed"])) for row in rows}


def still_at(pool: Pool, vault: Vault, one: KeptSlide, folder: Path, place: str) -> Path | None:
    """What is opened to read a slide in place; None where its file went or is another by now.

    Scanners use their file names again: what lies under one may be another patient's. It is the
    slide's where it looks as it did when it was taken in; of DICOM also where another instance of
    its series came beside it, and the file itself has its bytes and was not written since.
    """
    path = path_at(folder, place)
    try:
        now = fingerprint(companions(path))
    except OSError:  # a folder of a format that may not be read any more
        return None
    if seen_at(pool, vault, [place]).get(place) == (one.id, now):
        return path
    dicom = one.described is not None and one.described.format == "dicom"
    written_since = now[1] > one.at.timestamp() * 1e9
    return path if dicom and now[0] == one.bytes and not written_since else None
