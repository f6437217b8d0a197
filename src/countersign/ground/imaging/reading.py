"""Bytes of a file by position: many threads share one descriptor and no cursor."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import SlideAway, SlideDamaged

LONGEST = 1 << 28
"""The most bytes of one piece. A stored tile has some ten thousand; what asks for more lies."""

Stamp = tuple[str, int, int, int]
"""Path, inode, time of change and size: a file that was replaced is another slide."""


class File:
    """An open file and its size when it was opened."""

    def __init__(self, path: Path) -> None:
        """Raises SlideAway where there is no ordinary file to read."""
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                raise SlideAway(reason="no-file")
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as why:
            raise SlideAway(reason="cannot-open") from why
        self.path = path
        self.size = os.fstat(self._descriptor).st_size
        self._closed = False

    def read(self, offset: int, count: int) -> bytes:
        """Exactly these bytes. Raises SlideDamaged where they are not all in the file."""
        if offset < 0 or count < 0 or count > LONGEST or offset + count > self.size:
            raise SlideDamaged(reason="outside-file")
        if self._closed:
            raise ValueError("the slide is closed")
        try:
            found = os.pread(self._descriptor, count, offset)
        except OSError as why:
            raise SlideDamaged(reason="cannot-read") from why
        if len(found) != count:
            raise SlideDamaged(reason="cut-short")
        return found

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)


def stamp_of(path: Path) -> Stamp:
    """Raises SlideAway."""
    try:
        found = path.stat()
    except OSError as why:
        raise SlideAway(reason="cannot-open") from why
    return str(path), found.st_ino, found.st_mtime_ns, found.st_size
