"""How often the library claims support for what it does not hold, and misses what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measured import Figure, Measured
from benchmarks.shared import lines, part
from countersign.ground.library import Passage, Searcher, share_of
from countersign.ground.library.relevance import LEAST

SEEN = frozenset({"all"})
QUESTIONS, LOOKED, MISSED = 600, 10, 0.1
THRESHOLDS = [number / 100 for number in range(20, 100, 5)]


@dataclass(frozen=True)
class Asked:
    """A question about a ``topic``, the text that was written to answer it, and its title."""

    topic: str
    question: str
    answer: str
    title: str


def measure(data: Path | None) -> Measured:
    """Topics are halved: one half's texts are the library, questions come from both.

    A question of the other half can have no support, as far as topics do not overlap. The
    thresholds are chosen on half of the questions and measured on the other half.
    """
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Figure] = {}
    for language, asked in _sets(data).items():
        held, absent = _shares(asked, language)
        chosen = _best(held["choose"])
        for name, least in (("in use", LEAST[language]), ("chosen here", chosen), ("before", 0.4)):
            false, missed = _errors(held["test"], absent["test"], least)
            tested = len(held["test"]), len(absent["test"])
            rows.append((language, name, least, *tested, false, missed))
            if name != "before":
                prefix = f"{language}_" if name == "in use" else f"{language}_chosen_"
                figures[f"{prefix}least"] = least
                figures[f"{prefix}false_support"] = round(false, 3)
                figures[f"{prefix}missed_support"] = round(missed, 3)
        figures[f"{language}_auc"] = round(_auc(held["test"], absent["test"]), 3)
    return Measured(
        columns=(
            "language",
            "threshold",
            "least share",
            "answerable",
            "not",
            "false support",
            "missed",
        ),
        rows=rows,
        figures=figures,
        notes=(
            "zh: titles of Toyhom's questions over answers of other departments or of their own",
            "en: MedQuAD's questions over pages about other diseases or about the same one",
            "false support: some passage passes for a question whose topic the library lacks; an "
            "upper bound, for texts of other topics may answer it all the same",
            "missed: no passage passes although one was written for the very question",
            "chosen here: the largest threshold that misses at most a tenth of the other half",
        ),
    )


def _sets(data: Path | None) -> Mapping[str, list[Asked]]:
    chinese = [
        Asked(row["department"], row["title"], row["answer"], "")
        for row in lines(data, "language/toyhom_departments.jsonl.gz")
    ]
    english = [
        Asked(row["focus"], row["question"], row["answer"][:1200], row["focus"])
        for row in lines(data, "knowledge/medquad.jsonl.gz")
        if row["answer"] and part(row["focus"]) < 3
    ]
    return {"zh": chinese, "en": english}


def _shares(
    asked: Sequence[Asked], language: str
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The best share of each question's terms among ten passages: topic held, topic absent."""
    inside = [one for one in asked if part(f"topic {one.topic}", 2) == 0]
    outside = [one for one in asked if part(f"topic {one.topic}", 2) == 1]
    searcher = Searcher()
    searcher.add([_passage(number, one, language) for number, one in enumerate(inside)])
    searcher.refresh()
    found: list[dict[str, list[float]]] = []
    for some in (inside, outside):
        shares: dict[str, list[float]] = {"choose": [], "test": []}
        ordered = sorted(some, key=lambda one: part(one.question, 1_000_000))
        for one in ordered[:QUESTIONS]:
            hits = searcher.search(one.question, SEEN, LOOKED)
            best = max((share_of(one.question, h, h.passage.version) for h in hits), default=0.0)
            shares["choose" if part(f"half {one.question}", 2) else "test"].append(best)
        found.append(shares)
    return found[0], found[1]


def _passage(number: int, one: Asked, language: str) -> Passage:
    """The title stands for that of the document; Chinese answers have none."""
    place = (str(number), str(number), one.title, 0, 0, len(one.answer))
    headings = (one.title,) if one.title else ()
    return Passage(*place, one.answer, headings, None, language, "all")


def _errors(held: Sequence[float], absent: Sequence[float], least: float) -> tuple[float, float]:
    false = float(np.mean(np.array(absent) >= least))
    return false, float(np.mean(np.array(held) < least))


def _best(held: Sequence[float]) -> float:
    """The largest threshold that misses at most a tenth: what is missed still stands below, as
    coming near, and a passage that passes wrongly is read by a person.
    """
    return max((one for one in THRESHOLDS if np.mean(np.array(held) < one) <= MISSED), default=0.0)


def _auc(held: Sequence[float], absent: Sequence[float]) -> float:
    """How often a held topic has the larger share; ties count half (Mann & Whitney 1947)."""
    first, second = np.array(held)[:, None], np.array(absent)[None]
    return float((first > second).mean() + (first == second).mean() / 2)
