"""Proposes a department for a patient's question, with how sure it is and when it says so."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.measured import Measured
from benchmarks.shared import lines, split
from countersign.rooms.preconsult.domain.department import (
    Departments,
    Leaning,
    learnt,
    read_departments,
)
from countersign.rooms.preconsult.domain.linear import calibrated, learn

TABLE = Path("src/countersign/rooms/preconsult/protocol/departments.toml")
SAME = {
    "hepatology": "肝病科", "gastroenterology": "消化科", "neurology": "神经科",
    "cardiology": "心血管科", "endocrinology": "内分泌科", "respiratory": "呼吸科",
    "nephrology": "肾内科", "infectious-diseases": "感染科", "haematology": "血液科",
    "general-medicine": "普通内科", "rheumatology": "风湿免疫科",
}  # fmt: skip
"""The set's eleven departments by the codes of the shipped table."""


def measure(data: Path | None) -> Measured:
    """Questions of a portal, parted by their title so that none repeats on the other side."""
    rows = lines(data, "language/toyhom_departments.jsonl.gz")
    parts = {
        name: [row for row in rows if split(row["title"]) == name]
        for name in ("train", "valid", "test")
    }
    texts = {
        name: [f"{row['title']} {row['ask']}" for row in found] for name, found in parts.items()
    }
    truth = {name: [row["department"] for row in found] for name, found in parts.items()}
    model = learn(texts["train"], truth["train"], np.random.default_rng(7))
    model = calibrated(model, texts["valid"], truth["valid"])
    ours = [learnt(model, text) for text in texts["test"]]
    shipped = read_departments(tomllib.loads(TABLE.read_text(encoding="utf-8")))
    table = [_eleven(shipped, text) for text in texts["test"]]
    commonest = Counter(truth["train"]).most_common(1)[0][0]
    always = [Leaning(commonest, True, None, (), "peer") for _ in ours]
    named = (
        ("trained on the set's own six tenths", ours),
        ("the shipped table", table),
        ("always the commonest", always),
    )
    figures = {name: scores(found, truth["test"]) for name, found in named}
    mine, tabled = figures[named[0][0]], figures[named[1][0]]
    return Measured(
        columns=("way", "accuracy", "calibration error", "unsure", "accuracy where sure"),
        rows=[
            (name, one[0], "–" if one[1] is None else one[1], one[2], one[3])
            for name, one in figures.items()
        ],
        figures={
            "accuracy": round(mine[0], 4),
            "calibration_error": round(mine[1] or 0.0, 4),
            "unsure": round(mine[2], 4),
            "accuracy_sure": round(mine[3], 4),
            "table_accuracy": round(tabled[0], 4),
            "table_unsure": round(tabled[2], 4),
            "table_accuracy_sure": round(tabled[3], 4),
            "peer_accuracy": round(figures[named[2][0]][0], 4),
        },
        notes=(
            f"{len(ours):,} questions of {len(rows):,} for the test, "
            f"{len(texts['valid']):,} for calibration",
            "eleven departments of internal medicine, labelled by the doctors of a portal, very "
            "skewed: no measure of a hospital's desk; no model trained on them is shipped",
            "the table knows 21 departments, and names others than these eleven; it was written "
            "without looking at this set",
        ),
    )


def _eleven(shipped: Departments, text: str) -> Leaning:
    found = shipped.lean(text)
    return Leaning(SAME.get(found.code, found.code), found.sure, None, found.others, found.by)


def scores(
    found: Sequence[Leaning], truth: Sequence[str]
) -> tuple[float, float | None, float, float]:
    """Accuracy, expected calibration error in ten bins, share unsure, accuracy where sure."""
    right = np.array([one.code == label for one, label in zip(found, truth, strict=True)])
    sure = np.array([one.sure for one in found])
    chance = [one.probability for one in found if one.probability is not None]
    error = None
    if len(chance) == len(found):
        values = np.array(chance)
        bins = np.minimum((values * 10).astype(int), 9)
        error = float(
            sum(
                abs(right[bins == b].mean() - values[bins == b].mean()) * (bins == b).mean()
                for b in set(bins.tolist())
            )
        )
    return (
        float(right.mean()),
        error,
        float(1 - sure.mean()),
        float(right[sure].mean()) if sure.any() else 0.0,
    )
