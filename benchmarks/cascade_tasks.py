"""The tasks of the cascade: sentences of three public sets, parted so that none is seen twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.shared import lines, split
from countersign.rooms.modelbench.domain.cascade import Ints

DEPARTMENTS = "language/toyhom_departments.jsonl.gz"
REVIEWS = "language/sentiment_waimai_zh.csv.gz"


@dataclass(frozen=True)
class Part:
    """Texts and the numbers of their labels (n,)."""

    texts: tuple[str, ...]
    truth: Ints


@dataclass(frozen=True)
class Task:
    """``ridge`` is that of the teacher's kernel, chosen once on the validation part."""

    name: str
    labels: tuple[str, ...]
    train: Part
    valid: Part
    test: Part
    ridge: float


def tasks(data: Path | None) -> list[Task]:
    """Criteria of trials, intents of queries, how well a title answers a query, the department for
    a question, and whether a review is content (the last is not medical)."""
    return [
        _made("CTC", 0.1, _sentences(data, "CTC", "text")),
        _made("QIC", 0.3, _sentences(data, "QIC", "query")),
        _made("QTR", 1.0, _pairs(data)),
        _made("departments", 0.3, _rows(data, DEPARTMENTS, "department", "title", "ask")),
        _made("sentiment", 0.3, _rows(data, REVIEWS, "label", "review")),
    ]


def _rows(data: Path | None, file: str, label: str, *fields: str) -> list[tuple[str, str, str]]:
    """Rows with one label each; the first field, such as a title, decides the part."""
    seen: dict[str, tuple[str, str]] = {}
    for row in lines(data, file):
        text = _plain(" ".join(row[field] for field in fields))
        seen.setdefault(text, (str(row[label]), _plain(row[fields[0]])))
    return [(text, named, by) for text, (named, by) in seen.items() if text]


def _sentences(data: Path | None, name: str, field: str) -> list[tuple[str, str, str]]:
    """Text, label and what decides its part; of a repeated text the first label counts."""
    seen: dict[str, str] = {}
    for row in lines(data, f"language/cblue_{name}_train.jsonl.gz"):
        seen.setdefault(_plain(row[field]), row["label"])
    return [(text, label, text) for text, label in seen.items()]


def _pairs(data: Path | None) -> list[tuple[str, str, str]]:
    """Pairs that share a sentence, however far around, go into one part together."""
    seen: dict[tuple[str, str], str] = {}
    for row in lines(data, "language/cblue_QTR_train.jsonl.gz"):
        seen.setdefault((_plain(row["query"]), _plain(row["title"])), row["label"])
    root = _families(seen)
    return [(f"{one}\t{two}", label, root[one]) for (one, two), label in seen.items()]


def _families(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first sentence, in order, of those that hang together with each."""
    parent: dict[str, str] = {}

    def first(one: str) -> str:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, two in pairs:
        low, high = sorted((first(one), first(two)))
        parent[high] = low
    return {one: first(one) for one in list(parent)}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _made(name: str, ridge: float, items: list[tuple[str, str, str]]) -> Task:
    labels = tuple(sorted({label for _, label, _ in items}))
    number = {label: at for at, label in enumerate(labels)}
    parts: dict[str, Part] = {}
    for part in ("train", "valid", "test"):
        chosen = [(text, number[label]) for text, label, by in items if split(by) == part]
        truth = np.array([label for _, label in chosen])
        parts[part] = Part(tuple(text for text, _ in chosen), truth)
    return Task(name, labels, parts["train"], parts["valid"], parts["test"], ridge)
