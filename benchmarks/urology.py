"""Finds guideline passages for urology patients' questions, alone and with past questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.retrieval_zh import BM25
from benchmarks.shared import lines, part
from countersign.ground.library import (
    PLAIN,
    Engines,
    Pair,
    Passage,
    Precedents,
    Searcher,
    sha256_of,
)
from countersign.kit.words import Words
from countersign.rooms.assistant.domain import Known, Patient, Source, parsed, recommend

FOLDS = 10
SEEN = frozenset({"all"})
_FRAME = re.compile(r"(?:患者[：:])?医生[，,]?\s?您好[！!，,]?|请问.{0,40}$|我想.{0,40}$")
_MARKS = re.compile(r"\[[\d,，\-~～ ]+\]|\s|[,，.。;；:：()（）【】\-]")


@dataclass(frozen=True)
class Case:
    """A patient's question, the passages that answer it, and what the doctors wrote."""

    id: str
    question: str
    passages: frozenset[str]
    diseases: frozenset[str]
    advice: str


def measure(data: Path | None) -> Measured:
    """Ten folds by a hash of the case: past questions are those of the other nine."""
    cases, texts = _cases(data)
    guideline = _filled(texts)
    peer = BM25(texts)
    ways: dict[str, list[Sequence[str]]] = {"BM25": [], "words": [], "words, past questions": []}
    drafted, nearest = Drafts(), Drafts()
    for fold in range(FOLDS):
        past = [case for case in cases if part(case.id, FOLDS) != fold]
        known = {case.id: case for case in past}
        before = _filled({case.id: case.question for case in past}, Engines(weights=PLAIN))
        answered = _filled(texts, Engines(past=Precedents(_pairs(past, texts))))
        for case in (case for case in cases if part(case.id, FOLDS) == fold):
            ways["BM25"].append(peer.nearest(case.question, 5))
            ways["words"].append(_ids(guideline, case.question))
            ways["words, past questions"].append(_ids(answered, case.question))
            quoted = _quoted(case, ways["words"][-1], texts)
            names = {name for one in past for name in one.diseases}
            drafted.add(case, frozenset(one for one in names if one in quoted), quoted)
            near = before.search(case.question, SEEN, 1)
            other = known[near[0].passage.id] if near else None
            nearest.add(
                case, other.diseases if other else frozenset(), other.advice if other else ""
            )
    order = [case for fold in range(FOLDS) for case in cases if part(case.id, FOLDS) == fold]
    rows = [
        (name, len(order), *(_recall(found, order, k) for k in (1, 5)))
        for name, found in ways.items()
    ]
    return Measured(
        columns=("way", "questions", "recall@1", "recall@5"),
        rows=rows,
        figures={
            "recall_1": round(rows[-1][2], 4),
            "recall_5": round(rows[-1][3], 4),
            "words_recall_1": round(rows[1][2], 4),
            "words_recall_5": round(rows[1][3], 4),
            "disease_f1": round(drafted.f1 / len(cases), 4),
            "advice_rouge_l": round(drafted.rouge / len(cases), 4),
            "nearest_disease_f1": round(nearest.f1 / len(cases), 4),
            "nearest_advice_rouge_l": round(nearest.rouge / len(cases), 4),
        },
        notes=(
            f"{len(texts)} passages without headings; found is any passage that the authors gave "
            "for the question; passages that differ in marks alone are one",
            "disease_f1 and advice_rouge_l are of the recommendation that the assistant drafts "
            "without a language model: sentences quoted from the five nearest passages, and the "
            "diseases they name; the set has questions and no charts, so that no medicine, result "
            "or code chose them",
            "nearest_… are of what doctors wrote for the nearest past question, for comparison",
            "with a language model: not measured, none configured",
        ),
    )


@dataclass
class Drafts:
    """The sums of what was drafted for every case."""

    f1: float = 0.0
    rouge: float = 0.0

    def add(self, case: Case, diseases: frozenset[str], advice: str) -> None:
        self.f1 += _f1(diseases, case.diseases)
        self.rouge += rouge_l(advice, case.advice)


ASSISTANT = parsed(
    {
        "id": "urology",
        "department": "urology",
        "title": {"en": "Urology", "zh": "泌尿外科"},
        "lead": {"en": "Urology", "zh": "泌尿外科"},
        "draws_on": {"homes": ["urology"]},
        "sections": [
            {"title": {"en": "Treatment", "zh": "治疗"}, "headings": ["治疗"], "most": 3},
        ],
    }
)
"""One section, since the passages of this set have no headings; three sentences, as shipped."""


def _quoted(case: Case, found: Iterable[str], texts: dict[str, str]) -> str:
    """What the assistant's rules quote for a question: its words are the only known problem."""
    problem = Known("problem", Words(case.question, case.question), "Condition/q/_history/1")
    sources = [
        Source(id, "1", sha256_of(texts[id]), 0, texts[id], "-", ("治疗",), "zh", True, (),
               (problem,))
        for id in found
    ]  # fmt: skip
    patient = Patient(case.id, None, "", (), (problem,), ())
    made = recommend(ASSISTANT, patient, sources, (), lambda _: True, date(2026, 11, 26), "zh")
    return "\n".join(one.point.words for one in made.chosen) if made else ""


def _cases(data: Path | None) -> tuple[list[Case], dict[str, str]]:
    texts: dict[str, str] = {}
    cases = []
    for row in lines(data, "knowledge/rjua_valid.jsonl.gz"):
        found = set()
        for text in filter(None, (piece.strip() for piece in row["context"].split("Context："))):
            id = _MARKS.sub("", text)[:60]
            texts.setdefault(id, text)
            found.add(id)
        diseases = frozenset(filter(None, re.split(r"[、，,；;\s]+", row["disease"])))
        question = _FRAME.sub("", row["question"].strip())
        cases.append(Case(row["id"], question, frozenset(found), diseases, row["advice"]))
    return cases, texts


def _filled(texts: dict[str, str], engines: Engines | None = None) -> Searcher:
    searcher = Searcher(engines=engines)
    searcher.add(
        [
            Passage(id, id, id, 0, 0, len(text), text, (), None, "zh", "all")
            for id, text in texts.items()
        ]
    )
    searcher.refresh()
    return searcher


def _pairs(past: Sequence[Case], texts: dict[str, str]) -> list[Pair]:
    return [Pair(one.question, tuple(texts[id] for id in sorted(one.passages))) for one in past]


def _ids(searcher: Searcher, question: str) -> list[str]:
    return [hit.passage.id for hit in searcher.search(question, SEEN, 5)]


def _recall(found: Sequence[Sequence[str]], cases: Sequence[Case], depth: int) -> float:
    hit = [
        bool(case.passages.intersection(ids[:depth]))
        for ids, case in zip(found, cases, strict=True)
    ]
    return sum(hit) / len(hit)


def _f1(said: frozenset[str], true: frozenset[str]) -> float:
    both = len(said & true)
    return 2 * both / (len(said) + len(true)) if both else 0.0


def rouge_l(said: str, true: str) -> float:
    """F1 of the longest common subsequence of characters (Lin 2004, ROUGE)."""
    row = [0] * (len(true) + 1)
    for sign in said:
        above = 0
        for at, other in enumerate(true, 1):
            above, row[at] = row[at], above + 1 if sign == other else max(row[at], row[at - 1])
    common = row[-1]
    return 2 * common / (len(said) + len(true)) if common else 0.0
