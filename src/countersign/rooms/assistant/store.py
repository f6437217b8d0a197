"""Reads the files that make assistants: those of the installation and those of the hospital."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .domain import Assistant, BadFile, parsed

SHIPPED = Path(__file__).parent / "departments"
LARGEST = 256 * 1024
"""Bytes of one file."""
MOST = 100
"""Files of one folder."""


class UnknownAssistant(CountersignError):
    code = "assistant.unknown"
    status = 404
    message = "There is no such assistant. Choose one from the list."


@dataclass(frozen=True, slots=True)
class Kept:
    """An assistant with the SHA-256 (hexadecimal) of the file that makes it."""

    assistant: Assistant
    sha256: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of the hospital that makes no assistant, and why."""

    file: str
    problem: Words


class Assistants:
    """``folder`` is the hospital's own; a file there takes the place of a shipped one of its id.

    Files are read anew each time, so that a new department has its assistant at once.
    """

    def __init__(self, folder: Path | None, shipped: Path = SHIPPED) -> None:
        self._folder = folder
        self._shipped = shipped

    def all(self) -> tuple[list[Kept], list[Unusable]]:
        """Every assistant by its id, and the files that make none."""
        found: dict[str, Kept] = {}
        refused: list[Unusable] = []
        for folder in filter(None, (self._shipped, self._folder)):
            for path in _files(folder):
                try:
                    kept = _read(path)
                except BadFile as problem:
                    refused.append(Unusable(path.name, _said(problem)))
                else:
                    found[kept.assistant.id] = kept
        return [found[name] for name in sorted(found)], refused

    def one(self, name: str) -> Kept:
        """Raises UnknownAssistant."""
        for kept in self.all()[0]:
            if kept.assistant.id == name:
                return kept
        raise UnknownAssistant


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.json") if path.is_file())[:MOST]
    except OSError:
        return []


def _read(path: Path) -> Kept:
    """Raises BadFile."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadFile("file", Words("it is too large", "文件过大"))
        raw = path.read_bytes()
        return Kept(parsed(msgspec.json.decode(raw)), sha256(raw).hexdigest())
    except OSError:
        raise BadFile("file", Words("it cannot be read", "文件无法读取")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadFile("file", Words("this is no JSON", "不是有效的 JSON")) from None


def _said(problem: BadFile) -> Words:
    place, said = problem.place, problem.problem
    return Words(f"{place}: {said.en}", f"{place}：{said.zh}")
