"""Finds the FHIR files of a file, a folder or an archive, and reads each within its limits."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path
from typing import TypeVar

from countersign.ground.chart import Limits, Refusal, TooLarge, read_limited, refusal
from countersign.kit.errors import CountersignError

T = TypeVar("T")

COUNTED = 256 * 1024 * 1024
"""Bytes of a compressed archive up to which its files are counted before they are read."""

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_HOUSE_FIRST = ("hospitalinformation", "practitionerinformation")
"""Synthea writes what belongs to no patient into files of these names."""

_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError)


class UnreadablePath(CountersignError):
    code = "fhir.unreadable-path"
    status = 422
    message = (
        "{path} cannot be read ({reason}). Name a FHIR R4 JSON file, a folder of such files, "
        "or a .tar, .tar.gz, .tar.xz or .zip archive of them."
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its bytes, or why it was not read (too large, damaged)."""

    name: str
    raw: bytes | Refusal = field(repr=False)


def count(path: Path) -> int | None:
    """How many files ``found`` will give; None where counting would take too long."""
    if path.is_dir():
        return len(_in_folder(path))
    if _is_tar(path):
        if path.stat().st_size > COUNTED:
            return None
        return sum(1 for _ in _members(path))
    if path.suffix == ".zip":
        with _opened(path, lambda: zipfile.ZipFile(path)) as archive:
            return len(_in_zip(archive))
    return 1


def found(
    path: Path, limits: Limits, wanted: Callable[[str], bool] = lambda name: True
) -> Iterator[Found]:
    """The JSON files one after the other. Raises UnreadablePath for what is none of these."""
    if path.is_dir():
        for file in _in_folder(path):
            if wanted(str(file.relative_to(path))):
                yield _read_file(file, str(file.relative_to(path)), limits)
    elif not path.is_file():
        raise UnreadablePath(path=path.name, reason="there is no such file or folder")
    elif _is_tar(path):
        yield from _from_tar(path, limits, wanted)
    elif path.suffix == ".zip":
        yield from _from_zip(path, limits, wanted)
    elif path.suffix == ".json":
        yield _read_file(path, path.name, limits)
    else:
        raise UnreadablePath(
            path=path.name, reason="its name does not end in .json or an archive's"
        )


def _read_file(file: Path, name: str, limits: Limits) -> Found:
    try:
        if file.stat().st_size > limits.bytes:
            return Found(name, refusal(_too_large(limits)))
        with file.open("rb") as stream:
            return Found(name, read_limited(stream, limits))
    except TooLarge as problem:
        return Found(name, refusal(problem))
    except OSError as problem:
        return Found(name, _broken(name, problem))


def _from_tar(path: Path, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[Found]:
    with _opened(path, lambda: tarfile.open(path, "r|*")) as archive:  # noqa: SIM115
        try:
            for member in archive:
                if not (member.isfile() and _is_json(member.name) and wanted(member.name)):
                    continue
                if member.size > limits.bytes:
                    yield Found(member.name, refusal(_too_large(limits)))
                    continue
                stream = archive.extractfile(member)
                if stream is not None:
                    yield Found(member.name, read_limited(stream, limits))
        except _BROKEN as problem:
            raise UnreadablePath(path=path.name, reason=type(problem).__name__) from None


def _from_zip(path: Path, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[Found]:
    with _opened(path, lambda: zipfile.ZipFile(path)) as archive:
        for info in _in_zip(archive):
            if not wanted(info.filename):
                continue
            try:
                if info.file_size > limits.bytes:
                    raise _too_large(limits)
                with archive.open(info) as stream:
                    # What the directory of an archive says of a size need not be true.
                    yield Found(info.filename, read_limited(stream, limits))
            except TooLarge as problem:
                yield Found(info.filename, refusal(problem))
            except (*_BROKEN, NotImplementedError, RuntimeError) as problem:
                yield Found(info.filename, _broken(info.filename, problem))


def _members(path: Path) -> Iterator[tarfile.TarInfo]:
    with _opened(path, lambda: tarfile.open(path, "r|*")) as archive:  # noqa: SIM115
        try:
            for member in archive:
                if member.isfile() and _is_json(member.name):
                    yield member
        except _BROKEN as problem:
            raise UnreadablePath(path=path.name, reason=type(problem).__name__) from None


def _opened(path: Path, opening: Callable[[], T]) -> T:
    try:
        return opening()
    except _BROKEN as problem:
        raise UnreadablePath(path=path.name, reason=type(problem).__name__) from None


def _in_folder(path: Path) -> list[Path]:
    files = [one for one in path.rglob("*") if one.is_file() and _is_json(one.name)]
    return sorted(files, key=lambda one: _order(str(one.relative_to(path))))


def _in_zip(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [one for one in archive.infolist() if not one.is_dir() and _is_json(one.filename)]
    return sorted(files, key=lambda one: _order(one.filename))


def _order(name: str) -> tuple[bool, str]:
    base = name.rpartition("/")[2].lower()
    return not base.startswith(_HOUSE_FIRST), name


def _is_json(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.endswith(".json") and not base.startswith(".")


def _is_tar(path: Path) -> bool:
    return path.is_file() and path.name.endswith(_TARS)


def _broken(name: str, problem: Exception) -> Refusal:
    return refusal(UnreadablePath(path=name, reason=type(problem).__name__))


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge(limit=limits.bytes // (1024 * 1024), unit="MiB")
