"""Chinese questions with the texts that answer them, from three shared sets, and how to score."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import lines
from countersign.ground.library import Passage

JUDGED = ("cmedir", "cmedqa", "toyhom")
REACH = "all"


@dataclass(frozen=True)
class Judged:
    """Texts by id, and for each question the grades of those that were judged."""

    texts: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]
    language: str = "zh"

    @property
    def reaches(self) -> frozenset[str]:
        """The one reach of these texts."""
        return frozenset({REACH})

    def passages(self) -> list[Passage]:
        """Each text as a document of its own."""
        return [
            Passage(id, id, id, 0, 0, len(text), text, (), None, self.language, REACH)
            for id, text in self.texts.items()
        ]


def load(data: Path | None, name: str) -> Judged:
    """A set by its name; questions with no relevant text are left out."""
    texts: dict[str, str] = {}
    grades: dict[str, dict[str, int]] = defaultdict(dict)

    def judge(question: str, id: str, text: str, grade: int) -> None:
        texts.setdefault(id, text)
        if grade:
            grades[question][id] = max(grade, grades[question].get(id, 0))

    if name == "cmedir":
        for row in lines(data, "language/cmedir_dev.jsonl.gz"):
            for one in row["docs"]:
                judge(row["query"], one["doc"], one["title"], one["label"])
    elif name == "cmedqa":
        for row in lines(data, "language/cmedqa.jsonl.gz"):
            judge(row["question"], _hash(row["answer"]), row["answer"], row["label"])
    else:
        for row in lines(data, "language/toyhom_departments.jsonl.gz"):
            asked = dict.fromkeys((row["title"], row["ask"]))
            judge(" ".join(asked), _hash(row["answer"]), row["answer"], 1)
    return Judged(texts, grades)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def ndcg(found: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Järvelin & Kekäläinen (2002) with gains 2^grade - 1; what was not judged counts nothing."""
    best = sorted(grades.values(), reverse=True)
    return _gain([grades.get(one, 0) for one in found[:depth]]) / _gain(best[:depth])


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))
