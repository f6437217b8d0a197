"""The folder of received slides: files named by their content, all of a slide or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from countersign.kit.ids import NewId

from .errors import SlidesFull, UnfitSlide
from .held import Layout

BLOCK = 1024 * 1024
RESERVE = 256 * BLOCK
"""Bytes that stay free whatever comes: a disk that is full to the brim stops everything."""

MEBIBYTE = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Staged:
    """Files of one slide, whole and durable under ``folder``, that no row knows yet."""

    folder: Path
    sha256: bytes
    bytes: int
    layout: Layout
    suffix: str


class SlideFiles:
    """``root`` is made when it is needed, readable by its owner alone. ``free`` tells the bytes
    that are left where a path lies."""

    def __init__(
        self, root: Path, new_id: NewId, free: Callable[[Path], int] | None = None
    ) -> None:
        self.root = root
        self._new_id = new_id
        self._free = free or _free

    @property
    def incoming(self) -> Path:
        """What is not whole yet."""
        return self.root / "incoming"

    def stage(self, paths: Sequence[Path], layout: Layout, *, move: bool = False) -> Staged:
        """Copies, or with ``move`` takes, the files of one slide. Raises SlidesFull, UnfitSlide;
        then nothing is left of it here and every source is where it was."""
        sizes = [size_of(path) for path in paths]
        self.require(sum(sizes))
        folder = self._fresh()
        moved: list[tuple[Path, Path]] = []
        try:
            with told_full(sum(sizes)):
                sums: list[tuple[str, str]] = []
                for path, name in zip(paths, _names(paths, layout), strict=True):
                    target = folder / name
                    target.parent.mkdir(mode=0o700, exist_ok=True)
                    if move and _moves(path, target):
                        moved.append((path, target))
                        sums.append((name, _settle(target)))
                    else:
                        with path.open("rb") as source, new_file(target) as file:
                            sums.append((name, _copy(source, file)))
                _durable(folder)
                identity = identity_of(sums, layout)
                if layout == "instances":
                    _rename_by_content(folder, sums)
        except BaseException:
            for path, target in moved:
                target.replace(path)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Staged(folder, identity, sum(sizes), layout, suffix_of(paths, layout))

    def settle(self, staged: Staged) -> Path:
        """Puts a staged slide in its place; the same content again changes nothing."""
        place = self.folder(staged.sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            staged.folder.rename(place)
        except OSError as problem:
            if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            shutil.rmtree(staged.folder, ignore_errors=True)
        sync_folder(place.parent)
        return place

    def discard(self, staged: Staged) -> None:
        """Nothing of it stays."""
        shutil.rmtree(staged.folder, ignore_errors=True)

    def folder(self, content: bytes) -> Path:
        """Where the files of a content lie."""
        text = content.hex()
        return self.root / "files" / text[:2] / text

    def path(self, content: bytes, layout: Layout, suffix: str) -> Path:
        """What is opened: a file, or the folder of DICOM instances."""
        folder = self.folder(content)
        return folder if layout == "instances" else folder / named(suffix)

    def found(self, content: bytes, layout: Layout, suffix: str) -> Path | None:
        """The same where it is there; a single file under whatever ending it came with."""
        path = self.path(content, layout, suffix)
        if path.exists():
            return path
        others = self.folder(content).glob(f"{named('')}*") if layout == "file" else ()
        return next(iter(others), None)

    def require(self, more: int) -> None:
        """Raises SlidesFull unless so many bytes fit and the reserve stays."""
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._free(self.root) < more + RESERVE:
            raise SlidesFull(megabytes=-(-more // MEBIBYTE))

    def _fresh(self) -> Path:
        folder = self.incoming / self._new_id()
        folder.mkdir(mode=0o700)
        return folder


def named(suffix: str) -> str:
    """The name of a kept file, which says nothing of whose it is."""
    return f"slide.{suffix}" if suffix else "slide"


def companions(path: Path) -> list[Path]:
    """The files that belong to the one that is opened: those of a MIRAX slide lie beside it."""
    beside = path.with_suffix("")
    if path.suffix.lower() != ".mrxs" or not beside.is_dir():
        return [path]
    return [path, *sorted(one for one in beside.iterdir() if one.is_file())]


def layout_of(paths: Sequence[Path]) -> Layout:
    """How the files of one slide lie. ``paths`` begins with the one that is opened."""
    if len(paths) == 1:
        return "file"
    return "mirax" if paths[0].suffix.lower() == ".mrxs" else "instances"


def suffix_of(paths: Sequence[Path], layout: Layout) -> str:
    """The ending by which libraries know a format; empty where it is none."""
    if layout == "instances":
        return "dcm"
    ending = paths[0].suffix.lower().lstrip(".")
    return ending if ending.isascii() and ending.isalnum() and len(ending) <= 8 else ""


def size_of(path: Path) -> int:
    """Bytes of an ordinary file. Raises UnfitSlide for anything else, links too."""
    try:
        found = os.lstat(path)
    except OSError:
        raise UnfitSlide from None
    if not stat.S_ISREG(found.st_mode):
        raise UnfitSlide
    return found.st_size


def identity_at(paths: Sequence[Path], layout: Layout) -> tuple[bytes, int]:
    """The identity of files where they lie, and their bytes. Raises UnfitSlide."""
    total, sums = 0, list[tuple[str, str]]()
    for path, name in zip(paths, _names(paths, layout), strict=True):
        total += size_of(path)
        try:
            with path.open("rb") as source:
                sums.append((name, _copy(source, None)))
        except OSError:
            raise UnfitSlide from None
    return identity_of(sums, layout), total


def identity_of(sums: Iterable[tuple[str, str]], layout: Layout) -> bytes:
    """SHA-256 of a single file's bytes; of several, of the sorted list of theirs, with the names
    where those say what a file is (MIRAX)."""
    known = list(sums)
    if layout == "file":
        return bytes.fromhex(known[0][1])
    lines = [one if layout == "instances" else f"{name}\0{one}" for name, one in known]
    text = "\n".join([layout, *sorted(lines)])
    return sha256(text.encode("utf-8", "surrogateescape")).digest()  # a name may be no UTF-8


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """A new file for its owner alone, durable at the end of the block."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes durable which names stand in a folder."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _names(paths: Sequence[Path], layout: Layout) -> list[str]:
    """Names under which the files of a slide are kept; none of the scanner's but those inside a
    MIRAX folder, by which the format finds its parts."""
    first = named(suffix_of(paths, layout))
    if layout == "file":
        return [first]
    if layout == "mirax":
        return [first, *(f"slide/{path.name}" for path in paths[1:])]
    return [f"{number:06d}.dcm" for number in range(len(paths))]


def _rename_by_content(folder: Path, sums: Iterable[tuple[str, str]]) -> None:
    for name, content in sums:
        (folder / name).replace(folder / f"{content}.dcm")


def _moves(path: Path, target: Path) -> bool:
    """Whether the file could be taken as it is: not from another file system."""
    try:
        path.rename(target)
    except OSError as problem:
        if problem.errno == errno.EXDEV:
            return False
        raise
    return True


def _settle(path: Path) -> str:
    path.chmod(0o600)
    with path.open("rb") as file:
        said = _copy(file, None)
        os.fsync(file.fileno())
    return said


def _copy(source: BinaryIO, target: BinaryIO | None) -> str:
    seen = sha256()
    while block := source.read(BLOCK):
        seen.update(block)
        if target is not None:
            target.write(block)
    return seen.hexdigest()


def _durable(folder: Path) -> None:
    for inner, _, _ in os.walk(folder):
        sync_folder(Path(inner))
    sync_folder(folder.parent)


@contextmanager
def told_full(wanted: int) -> Generator[None]:
    """A full disk is told as SlidesFull, and every other trouble of files as UnfitSlide."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise SlidesFull(megabytes=-(-wanted // MEBIBYTE)) from None
        raise UnfitSlide from problem


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free
