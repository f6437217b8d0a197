"""Bytes on their way to the disk: bounded, private, and durable before anybody is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from .errors import ImageFull, ImageTooLarge, ImageUnwritable

MEBIBYTE = 1024 * 1024
LOOK = 16 * MEBIBYTE
"""Bytes between two looks at how much room is left."""


class Spool:
    """A file that grows, readable by its owner alone. One thread at a time.

    ``largest`` is the most bytes that it may have; writing stops while ``reserve`` bytes of the
    disk are still free, because the database needs them. Raises ImageFull, ImageUnwritable.
    """

    def __init__(self, path: Path, largest: int, reserve: int) -> None:
        self.path = path
        self._largest = largest
        self._reserve = reserve
        self._size = 0
        self._looked = 0
        self._look()
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as problem:
            raise _said(problem) from None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Raises ImageTooLarge, ImageFull, ImageUnwritable."""
        self._size += len(data)
        if self._size > self._largest:
            raise ImageTooLarge(limit=self._largest // MEBIBYTE)
        if self._size - self._looked > LOOK:
            self._look()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as problem:
            raise _said(problem) from None

    def finish(self) -> None:
        """Everything is on the disk when this returns. Raises ImageFull, ImageUnwritable."""
        try:
            os.fsync(self._fd)
        except OSError as problem:
            raise _said(problem) from None
        finally:
            self._close()

    def discard(self) -> None:
        """Takes the file away, wherever it stands; harmless where it was kept."""
        self._close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with suppress(OSError):
                os.close(fd)

    def _look(self) -> None:
        self._looked = self._size
        try:
            found = os.statvfs(self.path.parent)
        except OSError as problem:
            raise _said(problem) from None
        if found.f_bavail * found.f_frsize < self._reserve:
            raise ImageFull


def settle_into(spooled: Path, place: Path) -> None:
    """Gives a finished file its name for good; both are durable when this returns.

    Raises ImageFull, ImageUnwritable.
    """
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        spooled.replace(place)
        for folder in (place.parent, place.parent.parent):
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
    except OSError as problem:
        raise _said(problem) from None


def linked(files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    """The same files under second names in a new folder. Raises ImageFull, ImageUnwritable."""
    try:
        folder.mkdir(mode=0o700, parents=True)
        for file in files:
            (folder / file.name).hardlink_to(file)
    except OSError as problem:
        raise _said(problem) from None
    return tuple(folder / file.name for file in files)


def _said(problem: OSError) -> ImageFull | ImageUnwritable:
    full = problem.errno in (ENOSPC, EDQUOT, EFBIG)
    return ImageFull() if full else ImageUnwritable()
