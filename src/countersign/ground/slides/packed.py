"""A MIRAX slide is a file and a folder, and a browser sends single files: it comes in one ZIP."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from .errors import UnfitPackage
from .files import BLOCK, new_file, told_full

ENTRIES: Final = 10_000
"""Files of one slide; the largest that scanners write have some hundreds."""

FOLD: Final = 20
"""Times its own size that a ZIP may unfold to: tiles are compressed already, so that a slide hardly
becomes smaller in it."""

DIRECTORY: Final = 8 * BLOCK
"""Bytes of a ZIP's directory, which is read into memory as a whole."""

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError),
    RuntimeError,  # zipfile's word for a password, and NotImplementedError
)
_END: Final = 2**16 + 22 + 76
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}")
_CLUTTER: Final = ("__MACOSX", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """``name`` as the scanner gave it; ``paths`` begin with the file that is opened."""

    name: str
    paths: list[Path]


@dataclass(frozen=True, slots=True)
class Mirax:
    """Which of some files is the one that is opened, and those of its folder by their names."""

    opened: int
    parts: dict[str, int]


def unpacked(packed: Path, into: Path, require: Callable[[int], None]) -> Unpacked:
    """The one MIRAX slide of a ZIP, written into the new folder ``into`` under names of our own.

    No name of the archive becomes a path: only the last parts of the names in the slide's folder
    are kept, and those are plain. Links, passwords, what else lies in it and what unfolds beyond
    measure are refused before anything is written. ``require`` raises where so many bytes do not
    fit. Raises UnfitPackage, SlidesFull.
    """
    try:
        if _directory(packed) > DIRECTORY:
            raise UnfitPackage
        with zipfile.ZipFile(packed) as archive:
            opened, parts = _slide_of(archive, packed.stat().st_size)
            total = opened.file_size + sum(one.file_size for one in parts.values())
            require(total)
            (into / "slide").mkdir(parents=True, mode=0o700)
            targets = {into / "slide.mrxs": opened}
            targets |= {into / "slide" / name: one for name, one in sorted(parts.items())}
            with told_full(total):
                for path, one in targets.items():
                    _written(archive, one, path)
    except _BROKEN:
        raise UnfitPackage from None
    return Unpacked(PurePosixPath(opened.filename).name, list(targets))


def _directory(packed: Path) -> int:
    """Bytes of the directory at a ZIP's end, as it says (PKWARE APPNOTE 4.3.14 and 4.3.16)."""
    with packed.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise UnfitPackage
    (long,) = struct.unpack_from("<L", tail, at + 12)
    large = at - 76  # the record of ZIP64 and its locator lie just before
    if large >= 0 and tail.startswith(b"PK\x06\x06", large):
        (longer,) = struct.unpack_from("<Q", tail, large + 40)
        return longer if long == 2**32 - 1 else max(long, longer)
    return long


def _slide_of(
    archive: zipfile.ZipFile, size: int
) -> tuple[zipfile.ZipInfo, dict[str, zipfile.ZipInfo]]:
    """The file that is opened, and those of its folder by the last part of their names."""
    found = [one for one in archive.infolist() if not one.is_dir() and not _clutter(one)]
    if not all(map(_plain, found)) or _unfolds(found, size):
        raise UnfitPackage
    mirax = mirax_of([PurePosixPath(one.filename) for one in found])
    if mirax is None:
        raise UnfitPackage
    return found[mirax.opened], {name: found[at] for name, at in mirax.parts.items()}


def mirax_of(names: Sequence[PurePosixPath]) -> Mirax | None:
    """The one MIRAX slide that files of these names are; None where they are anything else."""
    first = [at for at, name in enumerate(names) if name.suffix.lower() == ".mrxs"]
    if len(first) != 1 or len(names) < 2:  # noqa: PLR2004 - an index alone is no slide
        return None
    folder = names[first[0]].with_suffix("")
    parts: dict[str, int] = {}
    for at, path in enumerate(names):
        if at == first[0]:
            continue
        if path.parent != folder or not _PART.fullmatch(path.name) or path.name in parts:
            return None
        parts[path.name] = at
    return Mirax(first[0], parts)


def _clutter(one: zipfile.ZipInfo) -> bool:
    """What desktops add unasked."""
    return any(part in _CLUTTER for part in PurePosixPath(one.filename).parts)


def _plain(one: zipfile.ZipInfo) -> bool:
    """Whether this is an ordinary file under a name that goes down only."""
    kind = stat.S_IFMT(one.external_attr >> 16)
    path = PurePosixPath(one.filename)
    down = not path.is_absolute() and ".." not in path.parts and "\\" not in one.filename
    return (
        down
        and kind in (0, stat.S_IFREG)
        and not one.flag_bits & 1
        and (one.compress_type in _METHODS)
    )


def _unfolds(found: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether there is more in it than a slide can be; entries that share their bytes too."""
    whole = sum(one.file_size for one in found)
    shared = sum(one.compress_size for one in found) > size
    return len(found) > ENTRIES or shared or whole > FOLD * size


def _written(archive: zipfile.ZipFile, one: zipfile.ZipInfo, path: Path) -> None:
    """What the directory of an archive says of a size need not be true: no more is written."""
    left = one.file_size
    with archive.open(one) as source, new_file(path) as file:
        while block := source.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise UnfitPackage
            file.write(block)
    if left:
        raise UnfitPackage
