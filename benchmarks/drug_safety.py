"""The high-priority interactions that are found by any name, and how loud the rules are."""

from __future__ import annotations

import csv
import json
import statistics
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.shared import FOLDER, lines
from countersign.kit.drugs import Substance, substances_in
from countersign.rooms.medication.domain import Kind, Order, Pack, Patient, Taken, check, read
from countersign.rooms.medication.inference import shipped

PAIRS = "knowledge/onc_high_priority_ddi.csv"
PEER = "knowledge/ddinter.csv.gz"
CHARTS = "clinical/synthea_r4.tar.gz"
NOW = datetime(2019, 6, 1, tzinfo=UTC)
"""The charts were generated in 2019; their active medicines are those of that time."""

Name = Callable[[Substance], str | None]


def measure(data: Path | None) -> Measured:
    """Each pair is ordered both ways round; it is found when an interaction interrupts."""
    pack, pairs = shipped(), _pairs(data)
    major = _major(data)
    ways: tuple[tuple[str, Name], ...] = (
        ("ingredient", lambda one: one.name),
        ("brand", lambda one: next((b for b in one.brands if b.isascii()), None)),
        ("chinese", lambda one: one.chinese),
        ("chinese_brand", lambda one: next((b for b in one.brands if not b.isascii()), None)),
    )
    found = {way: _named(pack, pairs, name) for way, name in ways}
    found["class"] = _by_class(pack, pairs)
    named = [(a.lower(), b.lower()) for a, b in pairs]
    peer = sum(frozenset(pair) in major for pair in named)
    listed = {name for pair in major for name in pair}
    lookable = [pair for pair in named if set(pair) <= listed]
    ours, theirs, times = _burden(data, pack, major)
    missed = found["ingredient"][1]
    return Measured(
        columns=("way", "pairs", "missed"),
        rows=(
            *((f"ours, by {way}", tried, lost) for way, (tried, lost) in found.items()),
            ("peer: DDInter “Major”, exact names", len(pairs), len(pairs) - peer),
            ("peer, pairs whose two names it lists", len(lookable), len(lookable) - peer),
        ),
        figures={
            "pairs": len(pairs),
            "missed": missed,
            **{f"{way}_pairs": tried for way, (tried, _) in found.items()},
            **{f"{way}_missed": lost for way, (_, lost) in found.items()},
            "peer_missed": len(pairs) - peer,
            "orders": ours["orders"],
            "interrupting_per_100": round(100 * ours["interrupt"] / ours["orders"], 1),
            "informing_per_100": round(100 * ours["inform"] / ours["orders"], 1),
            "orders_interrupted_per_100": round(100 * ours["orders_interrupt"] / ours["orders"], 1),
            "peer_major_per_100": round(100 * theirs / ours["orders"], 1),
            "check_p50_ms": round(statistics.median(times) * 1000, 2),
            "check_p95_ms": round(sorted(times)[int(len(times) * 0.95)] * 1000, 2),
        },
        notes=(
            "found: an alert of an interaction that interrupts, whichever of the two is ordered;"
            " missed counts a pair when either way round stays silent",
            "brand: pairs both of whose substances have a brand in our table; class: one side named"
            " by the class of the rule that fires, the other by its ingredient, both ways round",
            f"burden: every active medicine of 150 synthetic charts ordered against the rest of its"
            f" chart ({ours['orders']} orders), interrupting and informing alerts of every kind;"
            " the peer has interactions alone. Synthetic charts are simpler than a hospital's",
            "the list was expanded by others from class rules; our rules are class rules as well",
        ),
    )


def _pairs(data: Path | None) -> list[tuple[str, str]]:
    file = (data or FOLDER) / PAIRS
    if not file.is_file():
        raise Unmeasurable(f"There is no {PAIRS}. Give DATA= the folder of development data.")
    with file.open(encoding="utf-8", newline="") as opened:
        return [(row["drug_a"], row["drug_b"]) for row in csv.DictReader(opened)]


def _major(data: Path | None) -> set[frozenset[str]]:
    rows = lines(data, PEER)
    return {
        frozenset((row["drug_a"].lower(), row["drug_b"].lower()))
        for row in rows
        if row["level"] == "Major"
    }


def _substance(name: str) -> Substance | None:
    found = substances_in(name)
    return next(iter(found)) if len(found) == 1 else None


def _named(pack: Pack, pairs: list[tuple[str, str]], name: Name) -> tuple[int, int]:
    """How many pairs can be named so, and how many of them are missed."""
    tried = lost = 0
    for pair in pairs:
        known = [_substance(one) for one in pair]
        if None in known:
            tried, lost = tried + 1, lost + 1
            continue
        names = [name(one) for one in known if one is not None]
        if None in names:
            continue
        one, two = (str(given) for given in names)
        tried += 1
        lost += not (_interrupts(pack, one, two) and _interrupts(pack, two, one))
    return tried, lost


def _interrupts(pack: Pack, order: str, taken: str) -> set[str]:
    """The interactions that interrupt when ``order`` is written for who takes ``taken``."""
    patient = Patient(medicines=(Taken(taken, pack.classes.named(taken)),))
    return {
        one.rule.id
        for one in check(Order(order), patient, pack).alerts
        if one.interrupts and one.rule.kind is Kind.INTERACTION
    }


def _by_class(pack: Pack, pairs: list[tuple[str, str]]) -> tuple[int, int]:
    tried = lost = 0
    for one, two in pairs:
        for named, other in ((one, two), (two, one)):
            substance = _substance(named)
            for rule in _interrupts(pack, named, other) if substance else ():
                for known in pack.classes.by_id.values():
                    tokens = pack.rules[rule].drugs | pack.rules[rule].when.other
                    if f"class:{known.id}" not in tokens or substance is None:
                        continue
                    if substance.name not in known.members:
                        continue
                    for said in (known.name.en, known.name.zh):
                        tried += 1
                        lost += not (
                            rule in _interrupts(pack, said, other)
                            and rule in _interrupts(pack, other, said)
                        )
    return tried, lost


def _charts(data: Path | None) -> Iterator[list[tuple[dict[str, Any], str]]]:
    file = (data or FOLDER) / CHARTS
    if not file.is_file():
        raise Unmeasurable(f"There is no {CHARTS}. Give DATA= the folder of development data.")
    with tarfile.open(file) as opened:
        for member in opened:
            held = opened.extractfile(member) if member.name.endswith(".json") else None
            if held is not None:
                bundle = json.load(held)
                resources = (entry["resource"] for entry in bundle["entry"])
                yield [(one, f"{one['resourceType']}/{one.get('id', '')}") for one in resources]


def _burden(
    data: Path | None, pack: Pack, major: set[frozenset[str]]
) -> tuple[dict[str, int], int, list[float]]:
    counts = dict.fromkeys(("orders", "interrupt", "inform", "orders_interrupt"), 0)
    peer, times = 0, list[float]()
    for resources in _charts(data):
        patient = read(resources, pack, NOW)
        by_name = {one.name: one for one in patient.medicines}
        for name in by_name:
            others = tuple(one for other, one in by_name.items() if other != name)
            facts = Patient(**{**_fields(patient), "medicines": others})
            begun = time.perf_counter()
            alerts = check(Order(name), facts, pack).alerts
            times.append(time.perf_counter() - begun)
            loud = sum(one.interrupts for one in alerts)
            counts["orders"] += 1
            counts["interrupt"] += loud
            counts["inform"] += len(alerts) - loud
            counts["orders_interrupt"] += bool(loud)
            own = by_name[name].drug.substances
            peer += sum(
                frozenset((a, b)) in major
                for a in own
                for one in others
                for b in one.drug.substances
            )
    if not counts["orders"]:
        raise Unmeasurable("The charts hold no active medicine.")
    return counts, peer, times


def _fields(patient: Patient) -> dict[str, Any]:
    return {name: getattr(patient, name) for name in Patient.__slots__}
