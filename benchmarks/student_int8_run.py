"""Trains one small transformer and times it in PyTorch fp32 and as ONNX, where training is."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.cascade_tasks import tasks
from countersign.rooms.modelbench.domain.cascade import hard
from countersign.rooms.modelbench.inference.network import Network
from countersign.rooms.modelbench.training.network import eight_bits, graph, learn

BATCHES, TURNS, EPOCHS = (1, 8, 32), 3, 6
Scores = Callable[[Sequence[str]], Any]


def run(data: Path | None) -> dict[str, Any]:
    """Accuracies on the test part and µs an item by batch; everything pads alike."""
    (task,) = (task for task in tasks(data) if task.name == "QIC")
    certain = hard(task.train.truth, len(task.labels))
    began = time.process_time()
    learnt = learn(task.train.texts, certain, None, 1, epochs=EPOCHS)
    seconds = time.process_time() - began
    whole = graph(learnt)
    small = eight_bits(whole)
    ways: dict[str, Scores] = {
        "PyTorch fp32": learnt.scores,
        "ONNX fp32": Network(whole, learnt.signs).scores,
        "ONNX int8": Network(small, learnt.signs).scores,
    }
    texts = task.test.texts
    said = {name: _all(scores, texts, 32).argmax(axis=1) for name, scores in ways.items()}
    turns: dict[tuple[str, int], list[float]] = {}
    for _ in range(TURNS):
        for batch in BATCHES:
            for name, scores in ways.items():
                start = time.process_time()
                _all(scores, texts, batch)
                took = (time.process_time() - start) / len(texts)
                turns.setdefault((name, batch), []).append(took)
    return {
        "n": len(texts),
        "train_seconds": seconds,
        "bytes": {"ONNX fp32": len(whole), "ONNX int8": len(small)},
        "accuracy": {name: float((one == task.test.truth).mean()) for name, one in said.items()},
        "changed": float((said["ONNX int8"] != said["PyTorch fp32"]).mean()),
        "micro": [[name, batch, 1e6 * median(each)] for (name, batch), each in turns.items()],
    }


def _all(scores: Scores, texts: Sequence[str], batch: int) -> Any:
    return np.concatenate([scores(texts[at : at + batch]) for at in range(0, len(texts), batch)])


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
