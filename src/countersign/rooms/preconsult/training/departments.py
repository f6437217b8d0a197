"""Trains a proposal of departments and holds it against what serves now, on a frozen part."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.domain import Departments, Leaning, Model, calibrated, learn
from countersign.rooms.preconsult.domain.department import learnt

LEAST, EACH = 200, 10
"""Examples that are trained from at least, and of each department."""

SEED = 20261126
COMPLAINT = "主诉（患者原话）："

Example = tuple[str, str]
"""A complaint and the code of the department that saw the patient."""


class BadExamples(CountersignError):
    code = "preconsult.bad_examples"
    status = 422
    message = "Line {line} of {file} is not a complaint and a department. Nothing was trained."


class TooFew(CountersignError):
    code = "preconsult.too_few_examples"
    status = 422
    message = (
        "{count} usable examples are too few: it takes {least}, with {each} of each department, in "
        "two departments or more. Nothing was trained."
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """A candidate beside what serves now, on the same texts that neither was trained on.

    ``sure`` is the share of texts where each is sure, ``right_sure`` how often it is right then.
    """

    model: Model
    examples: int
    tested: int
    right: float
    sure: float
    right_sure: float
    now_right: float
    now_sure: float
    now_right_sure: float

    @property
    def better(self) -> bool:
        """Whether it is right more often, and no less often where it is sure."""
        return self.right > self.now_right and self.right_sure >= self.now_right_sure


def read_table(file: Path) -> list[Example]:
    """Rows of text and department, with a heading or without. Raises BadExamples."""
    found: list[Example] = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            if row[:2] == ["text", "department"] or not row:
                continue
            if len(row) != 2 or not row[0].strip() or not row[1].strip():
                raise BadExamples(line=number, file=file.name)
            found.append((row[0].strip(), row[1].strip()))
    return found


def own_examples(floor: Floor) -> list[Example]:
    """Complaints of signed pre-consultations, each with the department of its patient.

    Patients of several departments, or who refuse research, are left out: nobody can say which
    department it was, or may. Raises AIStopped.
    """
    found: list[Example] = []
    for case in floor.signoff.casebook.signed():
        if case.kind != "preconsult.interview":
            continue
        signed = floor.signoff.reading.signed(case.draft)
        text = next((x for x in case.signed.splitlines() if x.startswith(COMPLAINT)), "")
        if signed is None or not text:
            continue
        facts = floor.chart.facts_of(signed.draft.head.patient)
        if len(facts.departments) == 1 and "research" not in facts.refused:
            found.append((text.removeprefix(COMPLAINT), next(iter(facts.departments))))
    return found


def examples_of(given: Iterable[Example]) -> list[Example]:
    """Each text once, of departments with enough of them. Raises TooFew."""
    kept = dict(given)
    counted = Counter(kept.values())
    usable = [(text, name) for text, name in kept.items() if counted[name] >= EACH]
    if len(usable) < LEAST or len({name for _, name in usable}) < 2:
        raise TooFew(count=len(usable), least=LEAST, each=EACH)
    return sorted(usable)


def trained(examples: Sequence[Example], now: Departments) -> Compared:
    """Six tenths teach, two calibrate, two decide; a text's own hash says which, for ever."""
    parts: dict[str, list[Example]] = {"train": [], "valid": [], "test": []}
    for text, name in examples:
        parts[_part(text)].append((text, name))
    texts = {part: [text for text, _ in rows] for part, rows in parts.items()}
    truth = {part: [name for _, name in rows] for part, rows in parts.items()}
    model = learn(texts["train"], truth["train"], np.random.default_rng(SEED))
    model = calibrated(model, texts["valid"], truth["valid"])
    ours = _scores([learnt(model, text) for text in texts["test"]], truth["test"])
    theirs = _scores([now.lean(text) for text in texts["test"]], truth["test"])
    return Compared(model, len(examples), len(texts["test"]), *ours, *theirs)


def _part(text: str) -> str:
    place = int.from_bytes(sha256(text.encode()).digest()[:4], "big") % 10
    return "train" if place < 6 else "valid" if place < 8 else "test"


def _scores(found: Sequence[Leaning], truth: Sequence[str]) -> tuple[float, float, float]:
    right = [one.code == name for one, name in zip(found, truth, strict=True)]
    sure = [ok for one, ok in zip(found, right, strict=True) if one.sure]
    count = max(1, len(right))
    return sum(right) / count, len(sure) / count, sum(sure) / max(1, len(sure))
