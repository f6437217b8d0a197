"""Finds the nearest of 30,000 invented case summaries for a whole case, reach filter on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.retrieval_zh import BM25
from benchmarks.search_speed import part
from benchmarks.shared import lines
from countersign.ground.library import PLAIN, Engines, Passage, Searcher

CASES, ASKED = 30_000, 200
REACHES, OWN = 20, 10


def measure(data: Path | None) -> Measured:
    """Summaries put together from halves of real questions and answers; others are asked."""
    chance = random.Random(9)
    rows = lines(data, "language/toyhom_departments.jsonl.gz")
    told = [row["ask"] for row in rows] + [
        row["question"] for row in lines(data, "knowledge/rjua_valid.jsonl.gz")
    ]
    done = [row["answer"][:160] for row in rows]

    def case() -> str:
        first, second = chance.choice(told), chance.choice(told)
        return f"{first[: len(first) // 2]}{second[len(second) // 2 :]}。{chance.choice(done)}"

    searcher = Searcher(engines=Engines(weights=PLAIN))
    texts = {f"case{number}": case() for number in range(CASES)}
    searcher.add(
        [
            Passage(id, id, id, 0, 0, len(text), text, (), None, "zh", f"ward{number % REACHES}")
            for number, (id, text) in enumerate(texts.items())
        ]
    )
    searcher.refresh()
    own = frozenset(f"ward{number}" for number in range(OWN))
    asked = [case() for _ in range(ASKED)]
    ours = _waits(lambda text: searcher.search(text, own, 10), asked)
    exact = BM25({id: text for id, text in texts.items() if int(id[4:]) % REACHES < OWN})
    peer = _waits(lambda text: exact.nearest(text, 10), asked)
    return Measured(
        columns=("way", "cases", "permitted", "p50 ms", "p95 ms"),
        rows=[
            ("ours", CASES, searcher.count(own), part(ours, 0.5), part(ours, 0.95)),
            ("BM25, every case scored", CASES // 2, CASES // 2, part(peer, 0.5), part(peer, 0.95)),
        ],
        figures={
            "cases": CASES,
            "p95_ms": round(part(ours, 0.95), 2),
            "p50_ms": round(part(ours, 0.5), 2),
        },
        notes=(
            f"{REACHES} reaches of which the person has {OWN}; one search after another; the case "
            f"asked about has {sum(map(len, asked)) // ASKED} characters on average; load "
            f"{os.getloadavg()[0]:.1f}",
        ),
    )


def _waits(search: Callable[[str], object], asked: list[str]) -> list[float]:
    found = []
    for text in asked:
        started = time.perf_counter()
        search(text)
        found.append(time.perf_counter() - started)
    return found
