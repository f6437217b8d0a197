"""Which department a complaint seems to belong to, and when that is not clear."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from countersign.kit.words import Words

from .linear import Model
from .telling import denied_taken_out

CLEAR = 2.0
"""How many times as often the first department must be named as the second."""

SURE = 0.7
"""The calibrated probability below which a trained model counts as unsure."""

OTHERS = 2


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the table, with the expressions that speak for it."""

    code: str
    name: Words
    words: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Leaning:
    """A proposal for the desk. ``probability`` is calibrated, None where a table answered.

    ``code`` is empty where nothing speaks for any department. ``others`` come next.
    """

    code: str
    sure: bool
    probability: float | None
    others: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Departments:
    """The table of one version, and the model that a hospital trained, if it did."""

    version: str
    table: tuple[Department, ...]
    trained: Model | None = None

    def name(self, code: str) -> Words:
        """What a department is called; its code where the table does not know it."""
        found = next((one.name for one in self.table if one.code == code), None)
        return found or Words(code, code)

    def lean(self, text: str, marks: str = "") -> Leaning:
        """The department that the words speak for; the same words give the same answer."""
        if self.trained is not None:
            return learnt(self.trained, text)
        return by_table(self.table, f"{denied_taken_out(text)}\n{marks}")


def read_departments(content: Mapping[str, Any], trained: Model | None = None) -> Departments:
    """The table of a parsed file. Raises KeyError and re.error for one that is broken."""
    table = tuple(
        Department(
            one["code"],
            Words(one["name"]["en"], one["name"]["zh"]),
            tuple(re.compile(said, re.IGNORECASE) for said in one["words"]),
        )
        for one in content["department"]
    )
    return Departments(content["version"], table, trained)


def by_table(table: Sequence[Department], text: str) -> Leaning:
    """Counts different words of each department; clear where one leads and leads enough."""
    counts = [
        (len({found.group().lower() for said in one.words for found in said.finditer(text)}), one)
        for one in table
    ]
    ranked = sorted(counts, key=lambda pair: -pair[0])
    named = [(count, one.code) for count, one in ranked if count]
    if not named:
        return Leaning("", False, None, (), "table")
    second = named[1][0] if len(named) > 1 else 0
    others = tuple(code for _, code in named[1 : 1 + OTHERS])
    return Leaning(named[0][1], named[0][0] >= CLEAR * second, None, others, "table")


def learnt(model: Model, text: str) -> Leaning:
    """The trained model's answer, with its calibrated probability."""
    chance = model.probabilities(text)
    order = sorted(range(len(chance)), key=lambda place: -chance[place])
    best = float(chance[order[0]])
    others = tuple(model.labels[place] for place in order[1 : 1 + OTHERS])
    return Leaning(model.labels[order[0]], best >= SURE, best, others, "model")
