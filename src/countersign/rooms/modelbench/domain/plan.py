"""A distillation's plan and its texts: read from files, checked, and parted by what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

import msgspec

from countersign.kit.json import JSON

Teacher = Literal["labelled-file", "language-model", "signed-decisions"]
TEACHERS: tuple[Teacher, ...] = ("labelled-file", "language-model", "signed-decisions")
_WORK = re.compile(r"[a-z][a-z0-9-]{0,39}")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LABEL = 120, 4000, 80
MOST_LABELS, MOST_TEXTS = 100, 100_000
FEWEST_OF_A_LABEL = 3
PARTS = {"learn": range(6), "valid": range(6, 8), "frozen": range(8, 10)}
"""Tenths of the labelled texts where people's labels are the teacher."""
HALVES = {"valid": range(5), "frozen": range(5, 10)}
"""Tenths where the teacher is a model: labelled texts only judge it."""


class UnfitPlan(ValueError):
    """Why a plan or a file cannot be used: a code that the room's pages put into words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``answer`` is what one answer of the teacher costs and ``core_hour`` an hour of one core,
    both in ``money``; ``source`` and ``licence`` say where the texts come from."""

    title: str
    work: str
    teacher: Teacher
    rungs: tuple[str, ...]
    answer: float
    core_hour: float
    money: str
    source: str
    licence: str
    labels: tuple[str, ...] = ()

    def as_json(self) -> JSON:
        """As it is kept."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(kept: JSON) -> Plan:
        """The plan that ``as_json`` gave."""
        return Plan(
            title=kept["title"],
            work=kept["work"],
            teacher=kept["teacher"],
            rungs=tuple(kept["rungs"]),
            answer=float(kept["answer"]),
            core_hour=float(kept["core_hour"]),
            money=kept["money"],
            source=kept["source"],
            licence=kept["licence"],
            labels=tuple(kept["labels"]),
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its label. A pair of texts has a tab between."""

    text: str = field(repr=False)
    label: str


def checked(plan: Plan) -> Plan:
    """The plan itself. Raises UnfitPlan."""
    for code, good in (
        ("title", 1 <= len(plan.title.strip()) <= LONGEST_TITLE and plan.title.isprintable()),
        ("work", _WORK.fullmatch(plan.work)),
        ("teacher", plan.teacher in TEACHERS),
        ("rungs", plan.rungs),
        ("prices", 0 < plan.answer < 1e6 and 0 < plan.core_hour < 1e6),
        ("licence", plan.licence.strip() and plan.source.strip()),
    ):
        if not good:
            raise UnfitPlan(code)
    return plan


def labelled(raw: bytes) -> list[Labelled]:
    """Lines of JSON with ``text`` and ``label``, or ``label``, a tab and the text.

    A text that comes twice counts once, with its first label. Raises UnfitPlan.
    """
    seen: dict[str, str] = {}
    for line in _lines(raw):
        text, label = _line(line)
        if not 1 <= len(label) <= LONGEST_LABEL:
            raise UnfitPlan("labelled")
        seen.setdefault(text, label)
    counts = Counter(seen.values())
    rare = {label for label, count in counts.items() if count < FEWEST_OF_A_LABEL}
    if len(counts) - len(rare) < 2 or len(counts) > MOST_LABELS:
        raise UnfitPlan("labels")
    return [Labelled(text, label) for text, label in seen.items() if label not in rare]


def unlabelled(raw: bytes) -> list[str]:
    """One text a line, each once. Raises UnfitPlan."""
    return list(dict.fromkeys(_plain(line) for line in _lines(raw)))


def tenth(text: str) -> int:
    """A number below ten that the text alone decides, so that no text changes its part.

    Of a pair the first text decides: what was asked never stands in two parts.
    """
    digest = sha256(f"distil {text.partition(chr(9))[0]}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10


def part(items: Sequence[Labelled], tenths: range) -> list[Labelled]:
    """Those whose tenth is one of these."""
    return [one for one in items if tenth(one.text) in tenths]


def _lines(raw: bytes) -> list[str]:
    try:
        lines = [line for line in raw.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise UnfitPlan("encoding") from None
    if not lines or len(lines) > MOST_TEXTS:
        raise UnfitPlan("lines")
    return lines


def _line(line: str) -> tuple[str, str]:
    if not line.lstrip().startswith("{"):
        label, _, text = line.partition("\t")
        return _plain(text), label.strip()
    try:
        found = msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError:
        raise UnfitPlan("labelled") from None
    return _plain(found.text), found.label.strip()


class _Line(msgspec.Struct):
    """A line of a labelled file in JSON."""

    text: str
    label: str


def _plain(text: str) -> str:
    shown = "\t".join(" ".join(side.split()) for side in text.split("\t") if side.strip())
    if not 1 <= len(shown) <= LONGEST_TEXT:
        raise UnfitPlan("text")
    return shown
