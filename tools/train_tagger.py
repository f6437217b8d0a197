"""Trains the tagger of Chinese findings: ``python -m tools.train_tagger``.

The same data give the same weights. A hospital trains its own with ``--data FILE.jsonl.gz``, lines
of ``{"text": …, "entities": [{"start": …, "end": …, "type": …}]}`` with places counted from 0.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from benchmarks.shared import FOLDER, lines
from countersign.ground.reasoning.findings import Recogniser
from countersign.ground.reasoning.findings.tagger import Tagger, features, signs_of
from countersign.ground.reasoning.findings.turns import sentences_of
from countersign.ground.reasoning.findings.units import even

OUT = Path("tagger.npz")
SETS = {
    "language/cehrner_train.jsonl.gz": {"症状": "finding", "疾病和诊断": "disease"},
    "language/cmedqaner_train.jsonl.gz": {"symptom": "finding", "disease": "disease"},
}
STEPS, L1, L2, SEEN = 50, 0.05, 0.02, 2
Row = Mapping[str, Any]
Kinds = Mapping[str, str] | None


def flat(row: Row, kinds: Kinds) -> list[tuple[int, int, str]]:
    """Its entities without those inside another, the longest first; ``kinds`` renames and picks."""
    taken: list[tuple[int, int, str]] = []
    for one in sorted(row["entities"], key=lambda e: (e["start"] - e["end"], e["start"])):
        kind = one["type"] if kinds is None else kinds.get(one["type"])
        free = all(one["end"] <= start or end <= one["start"] for start, end, _ in taken)
        if kind and free and one["start"] < one["end"]:
            taken.append((one["start"], one["end"], kind))
    return sorted(taken)


def examples(
    rows: Iterable[Row], kinds: Kinds, reader: Recogniser
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """For each sentence its features and its labels."""
    for row in rows:
        text = row["text"]
        seen = features(signs_of(text), reader.known(text))
        labels = np.full(len(text), "O", dtype=object)
        for start, end, kind in flat(row, kinds):
            labels[start:end] = f"I-{kind}"
            labels[start] = f"B-{kind}"
        for start, end in sentences_of(even(text), 0, len(text)):
            words = [[str(number) for number in one] for one in seen[start:end].tolist()]
            yield words, labels[start:end].tolist()


def train(rows: Iterable[Row], kinds: Kinds, reader: Recogniser, steps: int = STEPS) -> Tagger:
    """A tagger fitted by L-BFGS with a penalty on size and on number of weights."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": steps, "feature.minfreq": SEEN})
    for words, labels in examples(rows, kinds, reader):
        trainer.append(words, labels)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "model")
        trainer.train(file)
        return Tagger(*read(file))


def read(file: str) -> tuple[list[str], Any, Any, Any]:
    """Labels, keys, weights and steps of a model of CRFsuite."""
    model = pycrfsuite.Tagger()
    model.open(file)
    info = model.info()
    labels = sorted(model.labels(), key=lambda one: (one != "O", one))
    place = {label: number for number, label in enumerate(labels)}
    keys = sorted({int(name) for name, _ in info.state_features})
    row = {key: number for number, key in enumerate(keys)}
    weights = np.zeros((len(keys), len(labels)), dtype=np.float32)
    for (name, label), weight in info.state_features.items():
        weights[row[int(name)], place[label]] = weight
    steps = np.zeros((len(labels), len(labels)), dtype=np.float32)
    for (before, after), weight in info.transitions.items():
        steps[place[before], place[after]] = weight
    return labels, np.array(keys, dtype=np.uint64), weights, steps


def save(tagger: Tagger, file: Path) -> None:
    """Only what weighs at least 0.01 is kept, in half precision."""
    keys, weights, steps = tagger.content()
    heavy = np.abs(weights).max(axis=1) >= 0.01
    np.savez_compressed(
        file,
        labels=np.array(tagger.labels),
        keys=keys[heavy].astype(np.uint32),
        weights=weights[heavy].astype(np.float16),
        steps=steps,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, action="append", help="a hospital's own file of lines")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    reader = Recogniser.open()
    rows: list[Row] = []
    if given.data:
        rows = [row for file in given.data for row in lines(file.parent, file.name)]
    else:
        for name, kinds in SETS.items():
            rows += [
                {
                    "text": row["text"],
                    "entities": [{"start": s, "end": e, "type": k} for s, e, k in flat(row, kinds)],
                }
                for row in lines(FOLDER, name)
            ]
    save(train(rows, None, reader), given.out)
    print(f"{given.out}: {given.out.stat().st_size:,} bytes from {len(rows):,} texts")


if __name__ == "__main__":
    main()
