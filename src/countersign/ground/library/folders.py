"""Walks a folder that IT allowed, never leaving it: every step is opened below the one before.

Names are never joined to paths that the system would follow. A link, a file that has a second
name elsewhere (a hard link), a device and a name such as ``..`` are refused, whoever put them there
and whenever (CWE-59, CWE-367).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Final

from countersign.kit.words import Words

REASONS: Final = {
    "link": Words(
        "It is a link, or has a second name elsewhere. Copy the file itself into the folder.",
        "这是链接，或文件另有一个名称。请将文件本身复制到该文件夹。",
    ),
    "special": Words(
        "It is no ordinary file. Remove it from the folder.",
        "这不是普通文件。请将其移出该文件夹。",
    ),
    "empty": Words("The file is empty. Put it there again.", "文件为空。请重新放入。"),
    "large": Words(
        "The file is larger than the library takes. Split it, or ask IT to raise the limit.",
        "文件超过知识库的大小上限。请拆分，或请信息科提高上限。",
    ),
    "unsupported": Words(
        "Files of this kind are not read. Use PDF, DOCX, HTML, Markdown, XLSX, CSV or plain text.",
        "不支持此类文件。请使用 PDF、DOCX、HTML、Markdown、XLSX、CSV 或纯文本。",
    ),
    "uploaded": Words(
        "A person uploaded a document of this file name, which the folder leaves as it is."
        " Rename the file to have it taken in.",
        "已有人上传同名文件的文档，文件夹不会更改它。如需收取，请重命名该文件。",
    ),
    "name": Words(
        "Its name is too long or holds signs that cannot be shown. Rename it.",
        "文件名过长或含无法显示的字符。请重命名。",
    ),
    "deep": Words("It lies too many folders deep. Move it further up.", "文件夹层级过深。请上移。"),
    "forbidden": Words(
        "This installation may not read it. Ask IT to permit it.",
        "本系统无权读取。请信息科开放权限。",
    ),
}
"""Why something in a watched folder is not taken in, with what to do about it."""

SUFFIXES: Final = frozenset(
    f".{one}"
    for one in (
        *("pdf", "docx", "docm", "xlsx", "xlsm", "html", "htm", "xhtml"),
        *("md", "markdown", "csv", "tsv", "txt", "text"),
    )
)
DEPTH, LONGEST = 8, 300
OPENING = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = OPENING | os.O_DIRECTORY


class Outside(Exception):
    """A folder that is not, or no longer, a plain folder below the root."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that may be taken in: its name below the walk's folder, and what tells of a change."""

    name: str
    mark: tuple[int, int]
    age: float


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something that is not taken in; ``why`` is one of REASONS."""

    name: str
    why: str


def parts_of(folder: str) -> tuple[str, ...]:
    """The names of which a folder below the root is made. Raises Outside."""
    parts = tuple(folder.split("/"))
    if len(folder) > LONGEST or len(parts) > DEPTH or not all(map(_plain, parts)):
        raise Outside
    return parts


@contextmanager
def opened_folder(root: Path, folder: str | None) -> Generator[int]:
    """A descriptor of a folder below the root, by steps none of which is a link; of the root
    itself without a folder.

    Raises Outside, and FileNotFoundError where the root or the folder is away.
    """
    parts = () if folder is None else parts_of(folder)
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            inner = _step(part, at)
            os.close(at)
            at = inner
        yield at
    finally:
        os.close(at)


@contextmanager
def opened_file(
    root: Path, folder: str | None, name: str, most: int
) -> Generator[BufferedReader | None]:
    """A file that ``walked`` named; None where it is another thing by now, or gone.

    Raises Outside.
    """
    parts = parts_of(name if folder is None else f"{folder}/{name}")
    try:
        with opened_folder(root, "/".join(parts[:-1]) or None) as at:
            file = os.open(parts[-1], OPENING | os.O_NONBLOCK, dir_fd=at)
    except OSError:
        yield None
        return
    with os.fdopen(file, "rb") as opened:
        yield opened if _why(parts[-1], os.fstat(file), most) is None else None


def walked(root: Path, folder: str | None, now: float, most: int) -> Iterator[Seen | NotTaken]:
    """What lies in a folder and below it, by name; hidden names are passed over. Without a folder:
    in the root.

    ``most`` bounds a file in bytes, ``now`` is in seconds since 1970. Raises Outside, OSError.
    """
    with opened_folder(root, folder) as at:
        yield from _walk(at, "", 0 if folder is None else len(parts_of(folder)), now, most)


def folders_below(root: Path, folder: str, limit: int) -> list[str]:
    """A folder and those below it, by name, as they may be chosen; at most ``limit``."""
    found: list[str] = []
    try:
        with opened_folder(root, folder) as at:
            _branches(at, folder, found, limit)
    except (OSError, Outside):
        return []
    return found


def _walk(at: int, above: str, depth: int, now: float, most: int) -> Iterator[Seen | NotTaken]:
    with os.scandir(at) as entries:
        names = sorted(one.name for one in entries if not one.name.startswith("."))
    for name in names:
        path = f"{above}{name}"
        if not _plain(name) or len(path) > LONGEST:
            yield NotTaken(path.encode("utf-8", "replace").decode()[:LONGEST], "name")
            continue
        try:
            state = os.stat(name, dir_fd=at, follow_symlinks=False)
            if stat.S_ISDIR(state.st_mode):
                if depth >= DEPTH - 1:
                    yield NotTaken(path, "deep")
                    continue
                inner = _step(name, at)
                try:
                    yield from _walk(inner, f"{path}/", depth + 1, now, most)
                finally:
                    os.close(inner)
                continue
        except FileNotFoundError:
            continue
        except (Outside, PermissionError):
            yield NotTaken(path, "forbidden")
            continue
        why = _why(name, state, most)
        mark = (state.st_mtime_ns, state.st_size)
        yield NotTaken(path, why) if why else Seen(path, mark, now - state.st_mtime)


def _why(name: str, state: os.stat_result, most: int) -> str | None:
    if stat.S_ISLNK(state.st_mode) or (stat.S_ISREG(state.st_mode) and state.st_nlink > 1):
        return "link"
    if not stat.S_ISREG(state.st_mode):
        return "special"
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        return "unsupported"
    if not state.st_size:
        return "empty"
    return "large" if state.st_size > most else None


def _branches(at: int, folder: str, found: list[str], limit: int) -> None:
    if len(found) >= limit:
        return
    found.append(folder)
    with os.scandir(at) as entries:
        names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
    for name in names:
        below = f"{folder}/{name}"
        try:
            parts_of(below)
            inner = _step(name, at)
        except (Outside, OSError):
            continue
        try:
            _branches(inner, below, found, limit)
        finally:
            os.close(inner)


def _step(name: str, at: int) -> int:
    """Into a folder that is no link. Raises Outside, FileNotFoundError, PermissionError."""
    try:
        return os.open(name, FOLDER, dir_fd=at)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError:  # ELOOP or ENOTDIR: a link, or a file
        raise Outside from None


def _plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and name.isprintable() and "\\" not in name
