"""Reads the kinds of records: those of the installation and those of the hospital."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .domain.kinds import BadKind, RecordKind, parsed

SHIPPED = Path(__file__).parent / "kinds"
ORDER = ("outpatient", "admission", "progress", "operation", "discharge", "consultation", "nursing")
LARGEST, MOST = 64 * 1024, 100
"""Bytes of one file; files of one folder."""


class UnknownKind(CountersignError):
    code = "records.unknown_kind"
    status = 404
    message = "There is no such kind of record. Choose one from the list."


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of the hospital that makes no kind, and why."""

    file: str
    problem: Words


class Kinds:
    """``folder`` is the hospital's own; a file there takes the place of a shipped one of its id."""

    def __init__(self, folder: Path | None, shipped: Path = SHIPPED) -> None:
        self._folder = folder
        self._shipped = shipped

    def all(self) -> tuple[list[RecordKind], list[Unusable]]:
        """Every kind, the usual order first, and the files that make none."""
        found: dict[str, RecordKind] = {}
        refused: list[Unusable] = []
        for folder in filter(None, (self._shipped, self._folder)):
            for path in _files(folder):
                try:
                    made = _read(path)
                except BadKind as problem:
                    refused.append(Unusable(path.name, problem.problem))
                else:
                    found[made.id] = made
        names = sorted(found, key=lambda one: (ORDER.index(one) if one in ORDER else 99, one))
        return [found[name] for name in names], refused

    def one(self, name: str) -> RecordKind:
        """Raises UnknownKind."""
        for made in self.all()[0]:
            if made.id == name:
                return made
        raise UnknownKind


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if path.is_file())[:MOST]
    except OSError:
        return []


def _read(path: Path) -> RecordKind:
    """Raises BadKind."""
    try:
        known = path.stat()
        if known.st_size > LARGEST:
            raise BadKind(problem=Words("it is too large", "文件过大"))
        return _parsed(path, known.st_mtime_ns, known.st_size)
    except OSError:
        raise BadKind(problem=Words("it cannot be read", "文件无法读取")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadKind(problem=Words("this is no TOML", "不是有效的 TOML")) from None


@lru_cache(maxsize=256)
def _parsed(path: Path, _changed: int, _size: int) -> RecordKind:
    """Once for each state of a file."""
    return parsed(tomllib.loads(path.read_text("utf-8")))
