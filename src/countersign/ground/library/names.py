"""Reads other names of things from files that a hospital points at and that are never copied."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import BrokenNames

LARGEST = 64 * 1024 * 1024
"""Bytes of a list, unpacked; ICD-10 in Chinese has two million."""

LONGEST = 80
"""Characters of a name that somebody would write in a question."""

_KEYS = ("hpo_id", "icd10", "code", "id")
_NAMED = frozenset({"zh", "en", "name", "name_zh", "name_en", "synonym", "synonyms", "title"})
_CODE = re.compile(r"[A-Z]\d{2}(?:\.[0-9A-Za-z]{1,4})?")
_BRACKET = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")


def read_names(file: Path) -> list[tuple[str, ...]]:
    """Groups of names for one thing, from CSV or TSV, packed by gzip or not, UTF-8 or GB 18030.

    With a header (``hpo_id,zh,en`` or ``code,name``) the rows of one code are one group, and an
    ICD-10 code is a name too; without one, each row is a group of names for one thing. ``#``
    begins a remark, ``|`` parts names within a cell. Raises BrokenNames.
    """
    rows = list(_rows(file))
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    key = next((header.index(one) for one in _KEYS if one in header), None)
    named = [at for at, cell in enumerate(header) if cell in _NAMED]
    if key is not None and named:
        groups = _tabled(rows[1:], key, named)
    else:
        groups = [_names(row) for row in rows]
    found = [group for group in groups if len(group) > 1]
    if not found:
        raise BrokenNames(file=file.name)
    return found


def _rows(file: Path) -> Iterable[list[str]]:
    try:
        with (gzip.open if file.suffix == ".gz" else open)(file, "rb") as opened:
            data = opened.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BrokenNames(file=file.name)
        text = _decoded(data)
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        tabs = bool(lines) and "\t" in lines[0]
        return list(csv.reader(io.StringIO("\n".join(lines)), "excel-tab" if tabs else "excel"))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as why:
        raise BrokenNames(file=file.name) from why


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _tabled(rows: Sequence[Sequence[str]], key: int, named: Sequence[int]) -> list[tuple[str, ...]]:
    """The names of each code, with the code itself where people write it."""
    by_code: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if len(row) > key and (code := row[key].strip()):
            if _CODE.fullmatch(code):
                by_code[code][code] = None
            cells = [row[at] for at in named if at < len(row)]
            by_code[code].update(dict.fromkeys(_names(cells)))
    return [tuple(names) for names in by_code.values()]


def _names(cells: Iterable[str]) -> tuple[str, ...]:
    """The names in these cells, once each; ``A[B]``, as ICD-10 writes it, is A and B."""
    found: dict[str, None] = {}
    for cell in cells:
        for name in cell.split("|"):
            both = _BRACKET.fullmatch(name.strip())
            for one in both.groups() if both else (name,):
                if 1 < len(one.strip()) <= LONGEST:
                    found[one.strip()] = None
    return tuple(found)
