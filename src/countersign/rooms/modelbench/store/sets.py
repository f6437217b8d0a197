"""Reads medical sets from the hospital's folder; nothing of them is copied elsewhere."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.items import Item
from countersign.rooms.modelbench.domain.study.sets import MedicalSet, Row

LARGEST = 512 * 1024 * 1024
"""Bytes of one file after unpacking."""
PART = 1024 * 1024


class UnusableSet(CountersignError):
    code = "study.unusable_set"
    status = 422
    message = (
        "The set {name} cannot be read: {problem}. Put its file into the folder that "
        "COUNTERSIGN_MEDICAL_SETS names, or leave the set out of the plan."
    )


@dataclass(frozen=True, slots=True)
class FoundSet:
    """Every item of a set, with the SHA-256 (hexadecimal) of its file."""

    items: tuple[Item, ...]
    sha256: str


class SetFolder:
    """``folder`` is laid out as the sets' ``file`` says; None where the hospital has none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def has(self, one: MedicalSet) -> bool:
        """Whether the set's files are there."""
        names = [name for name in (one.file, one.beside) if name]
        return self._folder is not None and all((self._folder / name).is_file() for name in names)

    def read(self, one: MedicalSet) -> FoundSet:
        """The set's items. Raises UnusableSet."""
        raw = self._bytes(one, one.file)
        beside = list(_rows(one, one.beside, self._bytes(one, one.beside))) if one.beside else []
        try:
            items = one.items(list(_rows(one, one.file, raw)), beside)
        except (KeyError, TypeError, AttributeError) as problem:
            raise UnusableSet(
                name=one.name,
                problem=Words(f"a field is not there ({problem})", f"缺少字段（{problem}）"),
            ) from None
        return FoundSet(tuple(items), sha256(raw).hexdigest())

    def _bytes(self, one: MedicalSet, name: str) -> bytes:
        if self._folder is None:
            raise UnusableSet(name=one.name, problem="no folder of sets is configured")
        try:
            with gzip.open(self._folder / name) as opened:
                raw = b"".join(_bounded(one, opened))
        except (OSError, EOFError, zlib.error) as problem:
            raise UnusableSet(name=one.name, problem=type(problem).__name__) from None
        return raw


def _bounded(one: MedicalSet, opened: gzip.GzipFile) -> Iterator[bytes]:
    taken = 0
    while part := opened.read(PART):
        taken += len(part)
        if taken > LARGEST:
            raise UnusableSet(name=one.name, problem="the file is too large")
        yield part


def _rows(one: MedicalSet, name: str, raw: bytes) -> Iterator[Row]:
    try:
        if name.endswith(".csv.gz"):
            yield from csv.DictReader(io.StringIO(raw.decode("utf-8")))
        elif name.endswith(".jsonl.gz"):
            decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])
            yield from (decoder.decode(line) for line in raw.splitlines() if line.strip())
        else:
            yield msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, csv.Error, RecursionError):
        raise UnusableSet(name=one.name, problem="it is not in the form expected") from None
