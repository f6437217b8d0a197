"""Diagnoses as physicians write them, given names of the Beijing clinical list: CHIP-CDN."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.receipt import part as share_of
from benchmarks.shared import lines, split
from countersign.rooms.records.domain.coding import Coder, Example, Memory, taught
from countersign.rooms.records.domain.grams import NameIndex

DRAWS = 500


def measure(data: Path | None) -> Measured:
    """Four fifths of the mentions teach, by a hash of their text; the fifth left is measured."""
    names = list(dict.fromkeys(row["name"] for row in lines(data, "knowledge/icd10_zh.csv.gz")))
    rows: list[Example] = [
        (row["text"], tuple(dict.fromkeys(row["normalized_result"].split("##"))))
        for row in lines(data, "language/cblue_CDN_train.jsonl.gz")
    ]
    teach = [one for one in rows if split(one[0]) != "test"]
    test = [one for one in rows if split(one[0]) == "test"]
    started = time.process_time()
    coder = taught(names, teach)
    seconds = time.process_time() - started
    untaught = Coder(Memory(NameIndex(names), []))
    waits: list[float] = []
    said = [_timed(coder, text, waits) for text, _ in test]
    plain = [tuple(one.name for one in untaught.propose(text, 1)) for text, _ in test]
    wanted = [names for _, names in test]
    ours, peer = scores(said, wanted), scores(plain, wanted)
    low, high = interval(said, wanted)
    return Measured(
        columns=("way", "F1", "all names right", "first name right"),
        rows=[
            ("ours, taught", *ours),
            ("likeness of words alone", *peer),
            ("published, pretrained model (hidden test)", 0.593, "–", "–"),
            ("people (hidden test)", 0.65, "–", "–"),
        ],
        figures={
            "accuracy": round(ours[0], 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "exact": round(ours[1], 4),
            "first": round(ours[2], 4),
            "peer": round(peer[0], 4),
            "p50_ms": round(share_of(waits, 0.5), 1),
            "p95_ms": round(share_of(waits, 0.95), 1),
        },
        notes=(
            f"{len(test)} mentions measured, {len(teach)} taught in {seconds:.0f} s of processor "
            "time; no mention is in both",
            "accuracy is the task's own measure, F1 over pairs of a mention and a name, with which "
            "the published figures were made",
            f"{len(names):,} names; those that the list lacks are known only where taught",
        ),
    )


def _timed(coder: Coder, text: str, waits: list[float]) -> tuple[str, ...]:
    started = time.process_time()
    found = tuple(one.name for one in coder.propose(text, 20))
    waits.append(time.process_time() - started)
    return found


def scores(
    said: Sequence[tuple[str, ...]], wanted: Sequence[tuple[str, ...]]
) -> tuple[float, float, float]:
    """F1 over pairs, share of mentions with exactly the right names, and with a right first one."""
    pairs = list(zip(said, wanted, strict=True))
    both = sum(len(set(a) & set(b)) for a, b in pairs)
    total = sum(len(a) + len(b) for a, b in pairs)
    exact = sum(set(a) == set(b) for a, b in pairs) / len(pairs)
    return 2 * both / total, exact, sum(bool(a) and a[0] in b for a, b in pairs) / len(pairs)


def interval(
    said: Sequence[tuple[str, ...]], wanted: Sequence[tuple[str, ...]]
) -> tuple[float, float]:
    """95 % of F1 over mentions drawn again."""
    chance = random.Random(0)
    drawn: list[float] = []
    for _ in range(DRAWS):
        picked = chance.choices(range(len(said)), k=len(said))
        drawn.append(scores([said[one] for one in picked], [wanted[one] for one in picked])[0])
    drawn.sort()
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]
