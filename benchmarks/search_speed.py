"""Searches a million passages with the reach filter on, beside SQLite's full-text index."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from benchmarks.measured import Measured
from benchmarks.shared import lines
from countersign.ground.library import Passage, Searcher
from countersign.ground.library.words import words

PASSAGES = 1_000_000
BATCH = 20_000
REACHES = 40
"""Departments and levels; sizes follow Zipf's law, as a hospital's do."""

OWN = 16
"""Reaches of the person who asks, the largest among them."""

QUESTIONS, THREADS = 400, 2
PEER = 100_000
"""Passages in SQLite, which is too slow for more."""


def measure(data: Path | None) -> Measured:
    """Passages are put together from pieces of real Chinese answers; questions are real ones."""
    chance = random.Random(3)
    pieces, questions = _texts(data, chance)
    process = psutil.Process()
    before = process.memory_info().rss
    searcher = Searcher()
    spent = 0.0
    peak = before
    for batch in _batches(pieces, PASSAGES):
        started = time.perf_counter()
        searcher.add(batch)
        spent += time.perf_counter() - started
        peak = max(peak, process.memory_info().rss)
    started = time.perf_counter()
    searcher.refresh()
    while searcher.compact():
        peak = max(peak, process.memory_info().rss)
    spent += time.perf_counter() - started
    own = frozenset(f"reach{number}" for number in range(OWN))
    seen = searcher.count(own)
    memory = process.memory_info().rss - before
    waits = _waits(lambda question: searcher.search(question, own), questions)
    rate = _rate(lambda question: searcher.search(question, own), questions)
    visible = _visible(searcher, own)
    peer = _waits(*_sqlite(pieces, questions, own))
    rows = [
        ("ours", PASSAGES, seen, part(waits, 0.5), part(waits, 0.95), rate, PASSAGES / spent),
        (
            "SQLite FTS5, the same words",
            PEER,
            "",
            part(peer, 0.5),
            part(peer, 0.95),
            1 / (sum(peer) / len(peer)),
            "",
        ),
    ]
    return Measured(
        columns=("engine", "passages", "permitted", "p50 ms", "p95 ms", "per s", "indexed/s"),
        rows=rows,
        figures={
            "passages": PASSAGES,
            "p50_ms": round(rows[0][3], 2),
            "p95_ms": round(rows[0][4], 2),
            "per_s": round(rate, 1),
            "indexed_per_s": round(PASSAGES / spent),
            "memory_mb": round(memory / 1e6),
            "peak_mb": round((max(peak, process.memory_info().rss) - before) / 1e6),
            "visible_s": round(visible, 2),
        },
        notes=(
            f"{REACHES} reaches, the person has {OWN}; p50 and p95 one search after another, per_s "
            f"from {THREADS} threads; ranking and marks included; load {os.getloadavg()[0]:.1f}",
            "visible_s: a new document of 100 passages, from adding it to finding it",
        ),
    )


def _texts(data: Path | None, chance: random.Random) -> tuple[list[str], list[str]]:
    rows = lines(data, "language/toyhom_departments.jsonl.gz")
    pieces = [row["answer"] for row in rows] + [row["ask"] for row in rows]
    pieces += [row["context"] for row in lines(data, "knowledge/rjua_valid.jsonl.gz")]
    cut = [text[at : at + 40] for text in pieces for at in range(0, len(text) - 39, 40)]
    asked = {row["query"] for row in lines(data, "language/cmedir_dev.jsonl.gz")}
    asked |= {row["title"] for row in rows}
    return cut, chance.sample(sorted(asked), QUESTIONS)


def _batches(pieces: Sequence[str], number: int) -> Iterator[list[Passage]]:
    """Passages of three pieces each, forty to a version."""
    chance = random.Random(5)
    weights = [1 / (rank + 1) for rank in range(REACHES)]
    for start in range(0, number, BATCH):
        size = min(BATCH, number - start)
        reaches = chance.choices(range(REACHES), weights, k=size // 40 + 1)
        yield [
            _passage(start + at, "".join(chance.choices(pieces, k=3)), reaches[at // 40])
            for at in range(size)
        ]


def _passage(number: int, text: str, reach: int) -> Passage:
    version = f"v{number // 40}"
    place = (f"p{number}", f"d{number // 40}", version, number % 40, 0, len(text))
    return Passage(*place, text, (), None, "zh", f"reach{reach}")


def _waits(search: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    found: list[float] = []
    for question in questions:
        started = time.perf_counter()
        search(question)
        found.append(time.perf_counter() - started)
    return found


def _rate(search: Callable[[str], object], questions: Sequence[str]) -> float:
    """Searches a second from several threads."""

    def ask(own: Sequence[str]) -> None:
        for question in own:
            search(question)

    asking = [
        threading.Thread(target=ask, args=(questions[number::THREADS],))
        for number in range(THREADS)
    ]
    started = time.perf_counter()
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return len(questions) / (time.perf_counter() - started)


def _visible(searcher: Searcher, own: frozenset[str]) -> float:
    started = time.perf_counter()
    searcher.add([_passage(PASSAGES + at, f"全新指南第{at}条鬯鬯", 0) for at in range(100)])
    searcher.refresh()
    assert searcher.search("鬯鬯", own)
    return time.perf_counter() - started


def _sqlite(
    pieces: Sequence[str], questions: Sequence[str], own: frozenset[str]
) -> tuple[Callable[[str], object], Sequence[str]]:
    """The peer: one table for everybody, filtered in the query, whose scores see all of it."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table passage using fts5(words, reach unindexed)")
    for batch in _batches(pieces, PEER):
        rows = ((" ".join(words(one.text)), one.reach) for one in batch)
        base.executemany("insert into passage values (?, ?)", rows)
    marks = ",".join("?" * len(own))
    query = (
        f"select rowid from passage where passage match ? and reach in ({marks})"
        " order by rank limit 10"
    )

    def search(question: str) -> object:
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(question)))
        return base.execute(query, (asked, *own)).fetchall()

    return search, questions[:100]


def part(waits: Sequence[float], share: float) -> float:
    """The wait in milliseconds that this share of the searches did not exceed."""
    return sorted(waits)[int(share * (len(waits) - 1))] * 1000
