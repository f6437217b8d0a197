"""A ladder that answers: rule, linear, small network; what none is sure of is passed upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from countersign.rooms.modelbench.domain.cascade import (
    NEVER,
    Calibration,
    Floats,
    Ints,
    Linear,
    Method,
    Rules,
)

from .network import Network
from .packing import Damaged, packed, unpacked

BATCH = 64


@dataclass(frozen=True, slots=True)
class Made:
    """One rung: what it runs, how its confidence is read (None for rules), and how sure it must
    be to answer."""

    name: str
    runs: Rules | Linear | Network
    calibration: Calibration | None
    threshold: float = NEVER

    def answers(self, texts: Sequence[str]) -> tuple[Ints, Floats]:
        """Labels (n,), -1 for none, and calibrated confidences (n,), in batches."""
        parts = [self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])

    def _batch(self, texts: Sequence[str]) -> tuple[Ints, Floats]:
        if isinstance(self.runs, Rules):
            return self.runs.answers(texts)
        scores = self.runs.scores(texts)
        assert self.calibration is not None  # noqa: S101 - only rules have none
        return scores.argmax(axis=1), self.calibration.confidence(scores)


@dataclass(frozen=True, slots=True)
class Ladder:
    """``labels`` by number; ``rungs`` from the cheapest."""

    labels: tuple[str, ...]
    rungs: tuple[Made, ...]

    def classify(self, texts: Sequence[str]) -> list[tuple[str, str, float] | None]:
        """For each text the label, the rung that answered and its confidence, or None: passed."""
        found: list[tuple[str, str, float] | None] = [None] * len(texts)
        waiting = list(range(len(texts)))
        for rung in self.rungs:
            if rung.threshold >= NEVER or not waiting:
                continue
            labels, said = rung.answers([texts[row] for row in waiting])
            sure = (said >= rung.threshold) & (labels >= 0)
            for row, label, share, good in zip(waiting, labels, said, sure, strict=True):
                if good:
                    found[row] = self.labels[int(label)], rung.name, float(share)
            waiting = [row for row, good in zip(waiting, sure, strict=True) if not good]
        return found

    def packed(self) -> bytes:
        """One file of it; ``opened`` reads it again."""
        described: dict[str, Any] = {"labels": list(self.labels), "rungs": []}
        arrays: dict[str, Any] = {}
        for number, rung in enumerate(self.rungs):
            one: dict[str, Any] = {"name": rung.name, "threshold": rung.threshold}
            if isinstance(rung.runs, Rules):
                one["phrases"] = [list(each) for each in rung.runs.phrases]
            elif isinstance(rung.runs, Linear):
                arrays[f"weights{number}"] = rung.runs.weights.astype(np.float16)
                arrays[f"bias{number}"] = rung.runs.bias
            else:
                one["signs"] = rung.runs.signs
                arrays[f"graph{number}"] = np.frombuffer(rung.runs.graph, np.uint8)
            if rung.calibration is not None:
                one["method"] = str(rung.calibration.method)
                one["temperature"] = rung.calibration.temperature
                arrays[f"knots{number}"] = rung.calibration.knots
                arrays[f"values{number}"] = rung.calibration.values
            described["rungs"].append(one)
        return packed(described, arrays)


def opened(raw: bytes) -> Ladder:
    """The ladder that ``packed`` gave. Raises Damaged."""
    described, arrays = unpacked(raw)
    try:
        rungs = [_rung(one, number, arrays) for number, one in enumerate(described["rungs"])]
        return Ladder(tuple(map(str, described["labels"])), tuple(rungs))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Damaged from None


def _rung(one: dict[str, Any], number: int, arrays: dict[str, Any]) -> Made:
    calibration = None
    if "method" in one:
        knots, values = arrays[f"knots{number}"], arrays[f"values{number}"]
        method, temperature = Method(one["method"]), float(one["temperature"])
        calibration = Calibration(method, temperature, knots, values)
    if "phrases" in one:
        runs: Rules | Linear | Network = Rules(
            tuple(
                (str(phrase), int(label), float(share)) for phrase, label, share in one["phrases"]
            )
        )
    elif "signs" in one:
        runs = Network(arrays[f"graph{number}"].tobytes(), str(one["signs"]))
    else:
        weights = arrays[f"weights{number}"].astype(np.float32)
        runs = Linear(weights, arrays[f"bias{number}"])
    return Made(str(one["name"]), runs, calibration, float(one["threshold"]))
