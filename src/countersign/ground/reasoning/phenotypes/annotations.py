"""Reads who has what how often: the HPO annotations of diseases, and the genes behind them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import PhenotypesUnreadable

FREQUENCIES: Mapping[str, float] = {
    "HP:0040280": 1.0,
    "HP:0040281": 0.9,
    "HP:0040282": 0.545,
    "HP:0040283": 0.17,
    "HP:0040284": 0.025,
    "HP:0040285": 0.0,
}
"""HPO's words for a frequency, at the middle of the band that HPO gives each of them."""

COLUMNS = 12
_SHARE = re.compile(r"(\d{1,7})/(\d{1,7})$")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%$")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line of ``phenotype.hpoa``.

    ``frequency`` is 0 to 1 or None where unsaid; ``of`` the number of patients that it was counted
    in, 0 where it was estimated; ``references`` where it was published (``PMID:…``, ``OMIM:…``);
    ``aspect`` is P for a phenotype, I for inheritance, C for the course.
    """

    disease: str
    term: str
    negated: bool
    references: tuple[str, ...]
    frequency: float | None
    of: int
    aspect: str


@dataclass(frozen=True, slots=True)
class Annotations:
    """All lines, the name of each disease, and the release that the file names."""

    rows: tuple[Annotation, ...]
    names: Mapping[str, str]
    release: str


def read_annotations(lines: Iterable[str]) -> Annotations:
    """Reads ``phenotype.hpoa``; a line with too few columns raises PhenotypesUnreadable."""
    rows, names, release = list[Annotation](), dict[str, str](), ""
    for line in lines:
        if line.startswith("#version:"):
            release = line.partition(":")[2].strip()
        if line.startswith(("#", "database_id")):
            continue
        cells = line.rstrip("\n").split("\t")
        if len(cells) < COLUMNS:
            raise PhenotypesUnreadable(problem="phenotype.hpoa")
        frequency, of = read_frequency(cells[7])
        names.setdefault(cells[0], cells[1])
        rows.append(
            Annotation(
                disease=cells[0],
                term=cells[3],
                negated=cells[2] == "NOT",
                references=tuple(cells[4].split(";")),
                frequency=frequency,
                of=of,
                aspect=cells[10],
            )
        )
    return Annotations(tuple(rows), names, release)


def read_frequency(text: str) -> tuple[float | None, int]:
    """The share of patients and how many were counted: ``7/18``, ``45%`` or a term of HPO.

    Anything else is a frequency that nobody stated, ``(None, 0)``.
    """
    if text in FREQUENCIES:
        return FREQUENCIES[text], 0
    share = _SHARE.match(text)
    if share and int(share[2]) > 0:
        return min(1.0, int(share[1]) / int(share[2])), int(share[2])
    percent = _PERCENT.match(text)
    return (min(1.0, float(percent[1]) / 100), 0) if percent else (None, 0)


def read_genes(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    """Gene symbols by disease, from ``genes_to_phenotype.txt``."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        cells = line.rstrip("\n").split("\t")
        if len(cells) < 6:
            raise PhenotypesUnreadable(problem="genes_to_phenotype.txt")
        if cells[0] != "ncbi_gene_id":
            found[cells[5]].add(cells[1])
    return {disease: frozenset(genes) for disease, genes in found.items()}
