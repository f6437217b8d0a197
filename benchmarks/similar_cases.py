"""Cases like one among 30,000, on shelves that the reader may see, beside comparing every pair."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measured import Measured
from countersign.app.demonstration.patients import patients
from countersign.rooms.cases.domain import Case, Near, Shelf, case_of, nearest

CASES = 30_000
SHELVES = 6
SEEN = 5
"""Of six collections the reader may see five, which hold the 30,000."""
SEARCHES = 400
PEER_SEARCHES = 5
SEED = 20261125
AGES = range(0, 95, 5)


def measure(_data: Path | None) -> Measured:
    """Each search asks for the ten nearest of a case that stands on no shelf."""
    chance = random.Random(SEED)  # noqa: S311 - invented cases
    made = [_varied(chance, base, bases) for bases in [_bases()] for base in _drawn(chance, bases)]
    each = CASES // SEEN
    begun = time.perf_counter()
    shelves = {
        f"shelf-{number}": Shelf(made[number * each : (number + 1) * each])
        for number in range(SHELVES)
    }
    built = time.perf_counter() - begun
    seen = {name: shelves[name] for name in list(shelves)[:SEEN]}
    asked = made[SHELVES * each :][:SEARCHES]
    times, found = _ours(asked, seen)
    peer = _peer(asked[:PEER_SEARCHES], [one for shelf in seen.values() for one in shelf.cases])
    assert all(len(one) == 10 for one in found)
    assert all(near.alike for one in found for near in one[:1]), "the nearest shares something"
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95)] * 1000
    return Measured(
        columns=("way", "cases", "median ms", "p95 ms"),
        rows=(
            ("rows by feature, rarity, ten nearest compared", CASES,
             statistics.median(times) * 1000, p95),
            ("peer: Jaccard over the sets of every case", CASES,
             statistics.median(peer) * 1000, max(peer) * 1000),
        ),
        figures={
            "cases": CASES,
            "p95_ms": round(p95, 1),
            "p50_ms": round(statistics.median(times) * 1000, 1),
            "peer_p50_ms": round(statistics.median(peer) * 1000, 1),
            "build_s": round(built, 2),
        },
        notes=(
            f"{SEARCHES} searches; {SHELVES} collections of {each:,}, {SEEN} of which the reader"
            " may see; generated: courses of the demonstration's patients with items taken away"
            " and lent from others",
            f"making the shelves took {built:.1f} s; opening sealed rows is not in it",
            "the search alone; reading the chart and writing the receipt have figures of their own",
        ),
    )  # fmt: skip


def _bases() -> list[Case]:
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    charts = patients(random.Random(SEED), now)  # noqa: S311
    read = (case_of([entry["resource"] for entry in one["entry"]]) for one in charts)
    return [one for one in read if one is not None]


def _drawn(chance: random.Random, bases: list[Case]) -> list[Case]:
    return chance.choices(bases, k=CASES // SEEN * SHELVES + SEARCHES)


def _varied(chance: random.Random, base: Case, bases: list[Case]) -> Case:
    lent = [item for other in chance.sample(bases, 3) for item in other.items]
    kept = [item for item in base.items if chance.random() < 0.75] or list(base.items)
    added = chance.sample(lent, min(len(lent), chance.randrange(12)))
    items = {item.key: item for item in (*kept, *added)}
    return replace(base, age=chance.choice(AGES), items=tuple(items.values()))


def _ours(asked: list[Case], seen: dict[str, Shelf]) -> tuple[list[float], list[list[Near]]]:
    times: list[float] = []
    found: list[list[Near]] = []
    for case in asked:
        begun = time.perf_counter()
        found.append(nearest(case, seen))
        times.append(time.perf_counter() - begun)
    return times, found


def _peer(asked: list[Case], cases: list[Case]) -> list[float]:
    sets = [{item.key for item in case.items} for case in cases]
    times: list[float] = []
    for case in asked:
        begun = time.perf_counter()
        mine = {item.key for item in case.items}
        sorted(
            range(len(sets)), key=lambda place: -len(mine & sets[place]) / len(mine | sets[place])
        )[:10]
        times.append(time.perf_counter() - begun)
    return times
