"""Takes the symbols of genes out of an annotated VCF, line by line and never holding the file.

What counts: a record that passed its filters, that some sample carries, and whose annotation says
HIGH or MODERATE impact (``ANN`` of SnpEff, ``CSQ`` of VEP) or names a gene (``GENEINFO``).
It does not judge whether a variant causes disease; a whole exome without a filter names so many
genes that they decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from .errors import VariantsUnreadable

LONGEST_LINE = 4 * 1024 * 1024
MOST_LINES = 10_000_000
MOST_GENES = 5_000
WEIGHTY = frozenset({"HIGH", "MODERATE"})

_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}\Z")
_CSQ = re.compile(r"##INFO=<ID=CSQ,.*Format: ([^\"]+)\"")


def genes_in(file: BinaryIO) -> frozenset[str]:
    """Symbols in capitals; VariantsUnreadable for what is no VCF, or more than the limits allow."""
    return genes_of(_lines(file))


def genes_of(lines: Iterable[str]) -> frozenset[str]:
    """The same from lines that were decoded already."""
    found: set[str] = set()
    layout: dict[str, int] = {}
    for number, line in enumerate(lines):
        if number == 0 and not line.startswith("##fileformat=VCF"):
            raise VariantsUnreadable(problem="##fileformat=VCF")
        if number >= MOST_LINES:
            raise VariantsUnreadable(problem=f"> {MOST_LINES:,} lines")
        if line.startswith("#"):
            told = _CSQ.match(line)
            layout = _layout(told[1]) if told else layout
            continue
        found |= _genes(line, layout)
        if len(found) > MOST_GENES:
            raise VariantsUnreadable(problem=f"> {MOST_GENES:,} genes")
    return frozenset(found)


def _lines(file: BinaryIO) -> Iterable[str]:
    while raw := file.readline(LONGEST_LINE + 1):
        if len(raw) > LONGEST_LINE:
            raise VariantsUnreadable(problem=f"> {LONGEST_LINE:,} B in one line")
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def _layout(text: str) -> dict[str, int]:
    return {name.strip().upper(): at for at, name in enumerate(text.split("|"))}


def _genes(line: str, layout: Mapping[str, int]) -> set[str]:
    cells = line.split("\t")
    if len(cells) < 8 or cells[6] not in {"PASS", ".", ""} or not _carried(cells):
        return set()
    info: dict[str, str] = {}
    for part in cells[7].split(";"):
        key, _, value = part.partition("=")
        info[key] = value
    named = {
        *_from(info.get("ANN", ""), impact=2, symbol=3),
        *_from(info.get("CSQ", ""), impact=layout.get("IMPACT"), symbol=layout.get("SYMBOL")),
        *(one.partition(":")[0] for one in info.get("GENEINFO", "").split("|")),
    }
    return {one.upper() for one in named if _SYMBOL.match(one)}


def _from(text: str, impact: int | None, symbol: int | None) -> set[str]:
    if not text or impact is None or symbol is None:
        return set()
    rows = (one.split("|") for one in text.split(","))
    return {
        row[symbol] for row in rows if len(row) > max(impact, symbol) and row[impact] in WEIGHTY
    }


def _carried(cells: list[str]) -> bool:
    """Without samples, or without genotypes, a record counts as carried."""
    if len(cells) < 10 or cells[8].split(":")[0] != "GT":
        return True
    genotypes = (cell.partition(":")[0] for cell in cells[9:])
    return any(set(re.split(r"[/|]", one)) - {"0", ".", ""} for one in genotypes)
