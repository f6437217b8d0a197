"""Chinese labels of terms and names of diseases, from files that a hospital provides itself."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Mapping
from pathlib import Path

from countersign.kit.words import Words

from .errors import NamesUnreadable

LARGEST = 64 * 1024 * 1024
"""Bytes of a table when unpacked; the whole HPO with definitions is a quarter of that."""


def read_labels(file: Path | None) -> dict[str, str]:
    """Chinese labels by HPO identifier, from a ``.csv`` or ``.csv.gz`` with ``hpo_id`` and ``zh``.

    None gives none; a file that is missing or has other columns raises NamesUnreadable.
    """
    return {} if file is None else _table(file, "hpo_id")


def read_names(file: Path | None) -> dict[str, str]:
    """Chinese names by disease, from a table with ``disease_id`` and ``zh``; the first of several.

    Names that mean the same stand in one cell, parted by ``；``.
    """
    found = {} if file is None else _table(file, "disease_id")
    return {one: name.split("；")[0].strip() or name for one, name in found.items()}


def _table(file: Path, key: str) -> dict[str, str]:
    try:
        packed = file.read_bytes()
        raw = _unpacked(packed, file) if packed[:2] == b"\x1f\x8b" else packed
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
        if not {key, "zh"} <= set(rows.fieldnames or ()):
            raise NamesUnreadable(file=file.name, problem=f"{key}, zh")
        return {
            row[key].strip(): row["zh"].strip()
            for row in rows
            if row.get(key) and (row.get("zh") or "").strip()
        }
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise NamesUnreadable(file=file.name, problem=type(error).__name__) from error


def _unpacked(packed: bytes, file: Path) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as opened:
        raw = opened.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise NamesUnreadable(file=file.name, problem=f"> {LARGEST} B")
    return raw


def title(disease: str, english: str, chinese: Mapping[str, str]) -> Words:
    """A disease in both languages; where no Chinese name is known, that is said."""
    given = chinese.get(disease)
    return Words(english or disease, given or f"{english or disease}（无中文名）")
