"""Where the shared sets of data lie, and how their lines are read."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measured import Unmeasurable

FOLDER = Path("../shared/data")


def lines(data: Path | None, name: str) -> list[dict[str, Any]]:
    """The objects of a ``.jsonl.gz`` file or the rows of a ``.csv.gz``; Unmeasurable without it."""
    file = (data or FOLDER) / name
    if not file.is_file():
        raise Unmeasurable(f"There is no {name}. Give DATA= the folder of development data.")
    return list(_rows(file))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        if file.name.endswith(".csv.gz"):
            yield from csv.DictReader(opened)
        else:
            yield from map(json.loads, opened)


def part(text: str, parts: int = 10) -> int:
    """A number below ``parts`` that the text alone decides: splits never move."""
    digest = hashlib.sha256(f"countersign {text}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % parts


def split(text: str) -> str:
    """``train`` for six tenths of the texts, ``valid`` for two, ``test`` for two."""
    number = part(text)
    return "train" if number < 6 else "valid" if number < 8 else "test"
