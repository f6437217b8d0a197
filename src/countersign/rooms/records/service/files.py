"""What a hospital gives this room in a folder: kinds, a trained reader, a coder, lists of codes."""

from __future__ import annotations

import csv
import gzip
import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TextIO

from countersign.kit.errors import CountersignError
from countersign.rooms.records.domain.coding import Coder
from countersign.rooms.records.domain.hearing import Reader
from countersign.rooms.records.inference import (
    load_coder,
    load_judges,
    plain_reader,
    with_judges,
)
from countersign.rooms.records.store import Kinds

logger = logging.getLogger(__name__)
MOST_NAMES = 200_000


@dataclass(frozen=True, slots=True)
class Codes:
    """A coder over a list of codes, and the code of each name."""

    coder: Coder
    codes: dict[str, str]


class Files:
    """Opened when first needed, once in a process; a broken file counts as none and is logged."""

    def __init__(self, folder: Path | None, icd10: Path | None) -> None:
        self._folder = folder
        self._icd10 = icd10
        self._lock = Lock()
        self._reader: Reader | None = None
        self._lists: dict[str, Codes | None] = {}

    @property
    def kinds(self) -> Kinds:
        """Read anew each time, so that a new kind is there at once."""
        return Kinds(self._folder / "kinds" if self._folder else None)

    def reader(self) -> Reader:
        """With the hospital's trained models where there are any."""
        with self._lock:
            if self._reader is None:
                file = self._file("reader.npz")
                self._reader = plain_reader()
                if file is not None:
                    try:
                        self._reader = with_judges(self._reader, load_judges(file))
                    except CountersignError as problem:
                        logger.warning("reader.npz is left out: %s", problem.code)
            return self._reader

    def diagnoses(self) -> Codes | None:
        """Over the hospital's list of diagnoses; None where there is none."""
        return self._codes("icd10.csv", self._icd10, "coder.npz")

    def procedures(self) -> Codes | None:
        """Over the hospital's list of procedures; None where there is none."""
        return self._codes("procedures.csv", None, "procedures.npz")

    def _codes(self, name: str, other: Path | None, taught: str) -> Codes | None:
        with self._lock:
            if name not in self._lists:
                file = self._file(name) or other
                self._lists[name] = None
                if file is not None:
                    try:
                        codes = _read(file)
                        coder = load_coder(list(codes), self._file(taught))
                        self._lists[name] = Codes(coder, codes)
                    except (CountersignError, OSError, ValueError, csv.Error) as problem:
                        logger.warning("%s is left out: %s", name, type(problem).__name__)
            return self._lists[name]

    def _file(self, name: str) -> Path | None:
        found = self._folder / name if self._folder else None
        return found if found is not None and found.is_file() else None


def _read(file: Path) -> dict[str, str]:
    """Names with their codes, from a table whose first columns are code and name."""
    with _opened(file) as lines:
        rows = list(csv.reader(lines))[: MOST_NAMES + 1]
    found: dict[str, str] = {}
    for row in rows:
        if len(row) >= 2 and row[1].strip() and row[0].strip().lower() != "code":
            found.setdefault(row[1].strip(), row[0].strip())
    return found


def _opened(file: Path) -> TextIO:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig")
    return file.open(encoding="utf-8-sig")
