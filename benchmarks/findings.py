"""Findings read from text, beside published figures: entities, dialogues, status, speed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured
from benchmarks.receipt import part as share_of
from benchmarks.shared import lines, part
from benchmarks.statements import NOBODYS, Statement, judged, statements
from countersign.ground.reasoning import Finding, Holder, Status
from countersign.ground.reasoning.conditions import CommonConditions
from countersign.ground.reasoning.findings import Recogniser
from countersign.ground.reasoning.findings.tagger import Tagger
from countersign.ground.reasoning.findings.turns import sentences_of
from countersign.ground.reasoning.findings.units import even
from tools.train_tagger import train

ENTITIES = {
    "cmeee": "language/cmeee.jsonl.gz",
    "cehrner": "language/cehrner_train.jsonl.gz",
    "cmedqaner": "language/cmedqaner_train.jsonl.gz",
}
PUBLISHED = {
    "cmeee": "0.624, people 0.67 (CBLUE, hidden test)",
    "imcs": "0.699 (BERT, multi-task; IMCS-SR, hidden test, trained on 1,824)",
}
SPOKEN = {Status.PRESENT: "1", Status.ABSENT: "0", Status.UNCERTAIN: "2"}
SURE = {"1": 3, "0": 2, "2": 1}
"""Of several mentions in a dialogue a statement counts before a denial, that before a doubt."""

LOOKED_AT = "imcs21-030"
"""Up to here dialogues of both halves were looked at while rules were written."""

_ENTRIES = {entry.id: entry for entry in CommonConditions.open().knowledge.entries}
WIDER = {
    term: _ENTRIES[entry.narrows].term
    for entry in _ENTRIES.values()
    if entry.narrows
    for term in entry.terms
}
"""Of each kind of a finding, by term, the finding."""

LENGTH, TEXTS, ROUNDS = 2000, 100, 60
Found = set[tuple[Any, ...]]


def measure(data: Path | None) -> Measured:
    """Each set of entities: half of its texts, by a hash, trains; the other half is measured."""
    reader = Recogniser.open()
    rows: list[tuple[object, ...]] = []
    f1: dict[str, float] = {}
    for name, file in ENTITIES.items():
        score, count = entities(lines(data, file), reader)
        f1[name] = round(score, 4)
        rows.append((name, "entities, exact", count, score, PUBLISHED.get(name, "none found")))
    named, joint, count = dialogues(data, reader)
    f1["imcs"] = round(joint, 4)
    rows += [
        ("imcs", "symptom and status in a dialogue", count, joint, PUBLISHED["imcs"]),
        ("imcs", "symptom alone", count, named, "–"),
    ]
    held = [one for one in statements() if not one.seen]
    peer = [status(held, way) for way in (reader.read, reader.named)]
    f1["status"] = round(peer[0], 4)
    rows.append(("status", "macro F1, unseen half", len(held), peer[0], f"no rules: {peer[1]:.3f}"))
    waits = speed(data, reader)
    rows.append(("speed", f"ms for {LENGTH:,} signs, p95", len(waits), share_of(waits, 0.95), "–"))
    return Measured(
        columns=("set", "measured", "n", "value", "published or peer"),
        rows=rows,
        figures={
            **{f"f1_{name}": score for name, score in f1.items()},
            "imcs_named": round(named, 4),
            "status_without_rules": round(peer[1], 4),
            "p50_ms": round(share_of(waits, 0.5), 2),
            "p95_ms": round(share_of(waits, 0.95), 2),
        },
        notes=(
            "CMeEE holds nested entities; ours are flat, and what lies inside another is missed",
            "IMCS: nothing is trained; 500 dialogues with the labels that MZ-10 gives them, halves "
            "by a hash, the half that rules were changed for is left out; names that the "
            "vocabulary does not know count as missed",
            "status: sentences written by ourselves, so it tells of wordings that we thought of",
            "speed: processor time of one thread, IMCS dialogues joined",
        ),
    )


def entities(rows: Sequence[dict[str, Any]], reader: Recogniser) -> tuple[float, int]:
    """Micro F1 of exact entities with their type on the half that did not train."""
    fit = [row for row in rows if part(row["text"], 2) == 0]
    test = [row for row in rows if part(row["text"], 2) == 1]
    tagger = train(fit, None, reader, ROUNDS)
    pairs = [(_tagged(row["text"], tagger, reader), _gold(row)) for row in test]
    return micro(pairs), len(test)


def _tagged(text: str, tagger: Tagger, reader: Recogniser) -> Found:
    pieces = list(sentences_of(even(text), 0, len(text)))
    return {(tag.start, tag.end, tag.kind) for tag in tagger.tags(text, reader.known(text), pieces)}


def _gold(row: dict[str, Any]) -> Found:
    return {(one["start"], one["end"], one["type"]) for one in row["entities"]}


def micro(pairs: Iterable[tuple[Found, Found]]) -> float:
    """F1 over all that was found and all that is true."""
    both = found = true = 0
    for said, gold in pairs:
        both, found, true = both + len(said & gold), found + len(said), true + len(gold)
    return 2 * both / (found + true) if both else 0.0


def dialogues(data: Path | None, reader: Recogniser) -> tuple[float, float, int]:
    """F1 of symptoms alone and of symptoms with their status, and the number of dialogues."""
    labels = {row["pid"]: row for row in lines(data, "diagnosis/mz10_train.jsonl.gz")}
    rows = [
        row
        for row in lines(data, "records/imcs21.jsonl.gz")
        if row["mz10_pid"] in labels and part(row["id"], 2) == 1 and row["id"] > LOOKED_AT
    ]
    named_there = {term for row in labels.values() for term, _ in _labelled(row, reader)}
    pairs = [
        (_heard(row["dialogue"], reader, named_there), _labelled(labels[row["mz10_pid"]], reader))
        for row in rows
    ]
    named = micro(({(a,) for a, _ in said}, {(a,) for a, _ in gold}) for said, gold in pairs)
    return named, micro(pairs), len(rows)


def _heard(dialogue: str, reader: Recogniser, named_there: set[str]) -> Found:
    """A kind of symptom that the set has no label for counts as the symptom."""
    best: dict[str, str] = {}
    for one in reader.read(dialogue, "zh"):
        term = one.term
        while term not in named_there and term in WIDER:
            term = WIDER[term]
        spoken = SPOKEN[one.status]
        if one.holder is Holder.PATIENT and SURE[spoken] > SURE.get(best.get(term, ""), 0):
            best[term] = spoken
    return set(best.items())


def _labelled(row: dict[str, Any], reader: Recogniser) -> Found:
    """MZ-10's names as terms of the vocabulary; a name that it does not know stays itself."""
    said: dict[str, str] = {}
    for name, value in {**row["imp_sxs"], **row["exp_sxs"]}.items():
        found = reader.read(name, "zh")
        whole = found and found[0].place and found[0].place.end - found[0].place.start
        said[found[0].term if whole and whole >= len(name) - 1 else name] = value
    return set(said.items())


def status(held: Sequence[Statement], read: Callable[[str], tuple[Finding, ...]]) -> float:
    """Macro F1 over present, absent, uncertain and nobody's; what is missed is wrong everywhere."""
    right, said, true = Counter[str](), Counter[str](), Counter[str]()
    for statement in held:
        for mark, got in judged(statement, read(statement.text)):
            want, have = mark.said[0], (got or NOBODYS)[0]
            true[want] += 1
            said[have] += 1
            right[want] += want == have and (got is None or got == mark.said)
    return sum(2 * right[one] / (said[one] + true[one]) for one in true) / len(true)


def speed(data: Path | None, reader: Recogniser) -> list[float]:
    """Seconds for each of the texts."""
    whole = "\n".join(row["dialogue"] for row in lines(data, "records/imcs21.jsonl.gz"))
    waits = []
    for number in range(TEXTS):
        text = whole[number * LENGTH : (number + 1) * LENGTH]
        started = time.process_time()
        reader.read(text)
        waits.append(time.process_time() - started)
    return waits
