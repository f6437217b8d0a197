"""When a disease begins and whom it spares: stages of life and inheritance by the X chromosome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .annotations import Annotation

STAGES: Mapping[str, int] = {
    "HP:0030674": 0, "HP:0011460": 0, "HP:0011461": 0, "HP:0034197": 0, "HP:0034198": 0,
    "HP:0034199": 0, "HP:0003577": 1, "HP:0003623": 2, "HP:0003593": 3, "HP:0011463": 4,
    "HP:0003621": 5, "HP:0003581": 6, "HP:0011462": 6, "HP:0025708": 6, "HP:0025709": 6,
    "HP:0025710": 6, "HP:0003596": 7, "HP:0003584": 8,
}  # fmt: skip
"""Onset terms of HPO in the order of life: before birth, at birth, newborn, infant, child,
juvenile, young adult, middle age, late."""

UNKNOWN = -1
_ENDS = ((28 / 365.25, 2), (1.0, 3), (5.0, 4), (16.0, 5), (40.0, 6), (60.0, 7))
_X_LINKED, _X_RECESSIVE, _X_DOMINANT = "HP:0001417", "HP:0001419", "HP:0001423"

Sex = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known beside the findings: ``age`` and ``onset`` of the first sign in years, or None.

    ``onset`` 0 is at birth, a negative one before it. Sex is that of the karyotype.
    """

    sex: Sex | None = None
    age: float | None = None
    onset: float | None = None


def stage(years: float | None) -> int:
    """The stage of life in which HPO counts an age in years; UNKNOWN for None."""
    if years is None:
        return UNKNOWN
    if years <= 0:
        return 0 if years < 0 else 1
    return next((at for end, at in _ENDS if years < end), 8)


def course(rows: Iterable[Annotation]) -> tuple[int, int, int]:
    """First and last stage of onset (UNKNOWN without any), and 2 X-recessive, 1 X-linked, 0."""
    stages: list[int] = []
    linked = 0
    for row in rows:
        if row.negated:
            continue
        if row.aspect == "C" and row.term in STAGES:
            stages.append(STAGES[row.term])
        if row.aspect == "I" and row.term in {_X_LINKED, _X_RECESSIVE, _X_DOMINANT}:
            linked = max(linked, 2 if row.term == _X_RECESSIVE else 1)
    return min(stages, default=UNKNOWN), max(stages, default=UNKNOWN), linked
