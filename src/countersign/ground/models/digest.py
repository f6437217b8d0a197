"""Says with one number exactly which files a rule pack consists of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path


def digest_of(paths: Iterable[Path]) -> str:
    """SHA-256 in hexadecimal over names and contents of files and of folders' files.

    The order in which paths are given and the place of the installation make no
    difference; a changed, renamed, added or removed file does. Python's caches do not
    count. Raises ValueError when there is no file, OSError for one that cannot be read.
    """
    files = sorted({file for path in paths for file in _files(path.resolve())})
    if not files:
        raise ValueError("a digest needs at least one file")
    root = Path(os.path.commonpath([file.parent for file in files]))
    lines = sorted(
        f"{sha256(file.read_bytes()).hexdigest()}  {file.relative_to(root).as_posix()}\n"
        for file in files
    )
    return sha256("".join(lines).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [
        file
        for file in path.rglob("*")
        if file.is_file() and "__pycache__" not in file.relative_to(path).parts
    ]
