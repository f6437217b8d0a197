"""The tree as static files in the layout of c2sp.org/tlog-tiles, to serve and to export."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from countersign.ground.db import Pool

from .errors import LedgerBroken, NoteRefused
from .ledger import Ledger
from .note import Checkpoint
from .tree import TILE
from .witnessing import Witnesses

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9]\d?)/(?P<index>(?:x\d{3}/){0,5}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?"
)
HIGHEST = 7
"""Levels of tiles: 256 to the eighth is more leaves than can be."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A tile (``level``), or a bundle of entries (level None); ``width`` of a partial one."""

    level: int | None
    index: int
    width: int = TILE

    @property
    def path(self) -> str:
        """Below the log's prefix."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE else f".p/{self.width}"
        return f"tile/{level}/{_spelt(self.index)}{partial}"


def parse(path: str) -> Resource | None:
    """The resource that a path names; None for any other spelling of it."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    found = Resource(level, index, int(match["width"] or TILE))
    if found.path != path or (level or 0) > 63 or found.width > TILE:
        return None
    return found


def needed(size: int, *, entries: bool = False) -> Iterator[Resource]:
    """Every tile of a tree of ``size``, the partial ones last within their level."""
    level, count = 0, size
    while count:
        for index in range(count // TILE):
            yield Resource(level, index)
        if count % TILE:
            yield Resource(level, count // TILE, count % TILE)
        level, count = level + 1, count // TILE
    if entries:
        for index in range(-(-size // TILE)):
            yield Resource(None, index, min(TILE, size - index * TILE))


class Tiles:
    """Reads the files of the layout from the database; ``pool`` is of the role LEDGER.

    Hashes say nothing of what was done, because every event is salted. Entries say who did
    what: whoever serves them asks the policy first.
    """

    def __init__(self, ledger: Ledger, pool: Pool, witnesses: Witnesses) -> None:
        self._ledger = ledger
        self._pool = pool
        self._witnesses = witnesses

    @staticmethod
    def named(path: str) -> Resource | None:
        """The resource at ``tile/…``; None for any other spelling of a path."""
        return parse(path)

    def checkpoint(self) -> str:
        """The newest checkpoint that witnesses cosigned, else the newest; made if there is none."""
        witnessed = [checkpoint for checkpoint, _ in self._witnesses.witnessed()]
        newest = max(witnessed, key=lambda one: one.size, default=None)
        chosen = newest or self._ledger.latest() or self._ledger.checkpoint()
        return self._witnesses.cosigned(chosen)

    def read(self, resource: Resource) -> bytes | None:
        """The file; None where the tree has no such tile yet, or an entry of it was pruned."""
        low = resource.index * TILE
        if resource.level is None:
            return self._entries(low, resource.width)
        if resource.level > HIGHEST:
            return None
        scale = TILE**resource.level
        if (low + resource.width) * scale > self._ledger.size():
            return None
        hashes = self._ledger.hashes(resource.level, resource.index)
        return b"".join(hashes[: resource.width])

    def export(self, folder: Path, *, entries: bool = False) -> int:
        """Writes what a checkpoint needs, tiles first and the checkpoint last; how many files.

        Files that are there already are left alone, so that an export can be continued.
        """
        checkpoint = self._ledger.checkpoint()
        self._witnesses.send()
        count = 0
        for resource in needed(checkpoint.size, entries=entries):
            file = folder / resource.path
            if file.exists():
                continue
            content = self.read(resource)
            if content is None and resource.level is not None:
                raise LedgerBroken(reason=f"{resource.path} is lost")
            if content is not None:
                _write(file, content)
                count += 1
        _write(folder / "checkpoint", self._witnesses.cosigned(checkpoint).encode())
        return count + 1

    def compare(self, folder: Path) -> list[str]:
        """The files of an exported folder that are torn, wrong or missing, by their path."""
        note = folder / "checkpoint"
        try:
            checkpoint: Checkpoint = self._ledger.opened(note.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NoteRefused):
            return ["checkpoint"]
        if checkpoint.size > self._ledger.size():
            return ["checkpoint"]
        wrong = [
            resource.path
            for resource in needed(checkpoint.size)
            if not _same(folder / resource.path, self.read(resource))
        ]
        for file in sorted((folder / "tile" / "entries").rglob("*")):
            resource = parse(file.relative_to(folder).as_posix()) if file.is_file() else None
            content = self.read(resource) if resource else None
            if content is not None and not _same(file, content):
                wrong.append(file.relative_to(folder).as_posix())
        if self._ledger.root(checkpoint.size) != checkpoint.root:
            wrong.append("checkpoint")
        return wrong

    def _entries(self, low: int, width: int) -> bytes | None:
        rows = self._pool.rows(
            "select body from ledger.event where index >= %s and index < %s order by index",
            (low, low + width),
        )
        if len(rows) != width:
            return None
        return b"".join(len(row["body"]).to_bytes(2, "big") + row["body"] for row in rows)


def _same(file: Path, content: bytes | None) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False


def _spelt(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])


def _write(file: Path, content: bytes) -> None:
    """Aside and in place, so that a reader never sees half a tile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.draft")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
