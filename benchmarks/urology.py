"""Finds guideline passages for urology patients' questions, alone and with past questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.retrieval_zh import BM25
from benchmarks.shared import lines, part
from countersign.ground.library import PLAIN, Engines, Passage, Precedents, Searcher

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
    f1 = rouge = 0.0
    for fold in range(FOLDS):
        past = [case for case in cases if part(case.id, FOLDS) != fold]
        known = {case.id: case for case in past}
        before = Precedents(
            _filled({case.id: case.question for case in past}, Engines(weights=PLAIN)),
            {case.id: sorted(case.passages) for case in past},
        )
        for case in (case for case in cases if part(case.id, FOLDS) == fold):
            votes = before.votes(case.question, SEEN)
            ways["BM25"].append(peer.nearest(case.question, 5))
            ways["words"].append(_ids(guideline, case.question, {}))
            ways["words, past questions"].append(_ids(guideline, case.question, votes))
            near = before.near(case.question, SEEN)
            drafted = known[near[0][0]] if near else None
            f1 += _f1(drafted.diseases if drafted else frozenset(), case.diseases)
            rouge += rouge_l(drafted.advice if drafted else "", case.advice)
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
            "disease_f1": round(f1 / len(cases), 4),
            "advice_rouge_l": round(rouge / len(cases), 4),
        },
        notes=(
            f"{len(texts)} passages without headings; found is any passage that the authors gave "
            "for the question; passages that differ in marks alone are one",
            "disease F1 and ROUGE-L of what was written for the nearest past question, without a "
            "language model; none was there to measure with one",
        ),
    )


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


def _ids(searcher: Searcher, question: str, votes: dict[str, float]) -> list[str]:
    return [hit.passage.id for hit in searcher.search(question, SEEN, 5, votes)]


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
