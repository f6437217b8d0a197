"""Other ways to rank diseases by phenotype terms, and what others published on the same cases."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.phenopackets import Published
from benchmarks.rare_disease_cases import case_of
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine

PUBLISHED = "diagnosis/phenopackets_published_topn.csv"
MISS = 10**6


def cosine(engine: Engine, cases: Sequence[Published]) -> list[int]:
    """Cosine of two sets of terms with all above them, each term weighed by its information."""
    known = engine.known
    size = np.zeros(len(known.diseases))
    for term, information in enumerate(known.information.tolist()):
        size[known.carriers.of(term)[0]] += information**2
    found, place = list[int](), _places(engine)
    for one in cases:
        terms = case_of(engine, one).present
        above = {up for term in terms for up in known.above.of(term)[0].tolist()}
        score = np.zeros(len(known.diseases))
        for term in above:
            score[known.carriers.of(term)[0]] += float(known.information[term]) ** 2
        found.append(place(one, score / np.sqrt(np.maximum(size, 1e-9))))
    return found


def resnik(engine: Engine, cases: Sequence[Published]) -> list[int]:
    """The information of the most telling term that each finding shares with a disease, summed."""
    found, place = list[int](), _places(engine)
    for one in cases:
        score = np.zeros(len(engine.known.diseases), np.float32)
        for term in case_of(engine, one).present:
            score += engine.matching.match(term).information
        found.append(place(one, score))
    return found


def _places(engine: Engine) -> Callable[[Published, np.ndarray], int]:
    """Among OMIM diseases, how many do not score below the right one."""
    diseases = engine.known.diseases
    at = {one: number for number, one in enumerate(diseases)}
    omim = np.array([name.startswith("OMIM:") for name in diseases])

    def place(one: Published, score: np.ndarray) -> int:
        if one.disease not in at or not one.present:
            return MISS
        return int((score[omim] >= score[at[one.disease]]).sum())

    return place


def told_elsewhere(folder: Path) -> list[tuple[str, int, float, float, float]]:
    """System, cases and the three shares that were published, in per cent."""
    with (folder / PUBLISHED).open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == "benchmark"]
    return [
        (row["system"], int(row["cases"]), *(float(row[f"top{k}_pct"]) for k in (1, 3, 10)))
        for row in rows[:3]
    ]
