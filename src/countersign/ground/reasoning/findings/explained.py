"""Which results a known diagnosis explains, and when one of them is too bad to be explained."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from countersign.kit.words import Words

from . import coded
from .shelf import PACKAGE

RISE = Decimal("1.5")
"""From this multiple of the lowest value of the last year on, a high result is clearly worse: as
KDIGO defines acute kidney injury by creatinine (Kidney Int Suppl 2012;2:1-138), for which a
baseline of seven days is asked; one year, and the same factor for other results, is our choice."""

FALL = Decimal("0.8")
"""Down to this part of the highest value of the last year, a low result is clearly worse: ours."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``id`` is ``ICD10:`` and the first of its codes; ``explains`` gives the source by term."""

    id: str
    name: Words
    icd10: tuple[str, ...]
    problems: frozenset[str]
    explains: dict[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """The reviewed file: diagnoses, and the terms whose values change within a day."""

    diagnoses: tuple[Diagnosis, ...]
    varies: frozenset[str]


@cache
def shipped() -> Explained:
    """What ``explained.toml`` says; KeyError where a line names a source that is not there."""
    text = files(PACKAGE).joinpath("explained.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    sources: dict[str, str] = told["sources"]
    return Explained(
        tuple(
            Diagnosis(
                id=f"ICD10:{one['icd10'][0]}",
                name=Words(one["name"]["en"], one["name"]["zh"]),
                icd10=tuple(one["icd10"]),
                problems=frozenset(one["problems"]),
                explains={term: sources[source] for term, _, source in one["explains"]},
            )
            for one in told["diagnosis"]
        ),
        frozenset(told["varies"]),
    )


@cache
def usual() -> frozenset[str]:
    """Every term that some common chronic disease explains."""
    return frozenset(term for one in shipped().diagnoses for term in one.explains)


def diagnosis_of(codings: Iterable[tuple[str, str]]) -> Diagnosis | None:
    """The diagnosis of the file that a coded problem is; None where it is none of them."""
    said = list(codings)
    numbers = [code.upper() for system, code in said if coded.SYSTEMS.get(system) == "ICD"]
    for one in shipped().diagnoses:
        if any(number.startswith(part) for number in numbers for part in one.icd10):
            return one
    if numbers:
        return None
    term = coded.problem(said)
    return next((one for one in shipped().diagnoses if term in one.problems), None)


def explaining(term: str, known: Collection[str]) -> tuple[str, ...]:
    """Which of the ``known`` diagnoses, by their ``id``, explain a term; in the file's order."""
    return tuple(one.id for one in shipped().diagnoses if one.id in known and term in one.explains)


def named(identifier: str) -> Words | None:
    """What a diagnosis of the file is called; None for an identifier that it does not have."""
    return next((one.name for one in shipped().diagnoses if one.id == identifier), None)


def clearly_worse(term: str, way: str, now: Sequence[Decimal], before: Sequence[Decimal]) -> bool:
    """Whether a result is worse than the patient's earlier ones of the same unit.

    ``now`` are the values of its day, ``before`` those of the year before; without either nothing
    can be compared and it is not. ``way`` is H or L.
    """
    if not now or not before:
        return False
    swings = term in shipped().varies
    if way == "H":
        return max(now) >= RISE * (max(before) if swings else min(before))
    if way == "L":
        return min(now) <= FALL * (min(before) if swings else max(before))
    return False
