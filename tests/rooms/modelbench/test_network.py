"""The small transformer learns, is handed over as int8 and answers as it did, in its process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from countersign.rooms.modelbench.domain.cascade import NEVER, Calibration
from countersign.rooms.modelbench.inference import Ladder, Made, Network, opened
from tools.training_environment import ROOT, environment, install

LEARN = """
import json, sys
import numpy as np
from countersign.rooms.modelbench.domain.cascade import hard, softmax
from countersign.rooms.modelbench.training import Examined, Lesson, extra_installed, make
from countersign.rooms.modelbench.training.network import Shape, eight_bits, graph, learn
from rooms.modelbench.complaints import sentences

texts, labels = sentences(360)
others, truth = sentences(400, seed=9)
small = Shape(width=32, heads=2, layers=1, inner=64)
plain = learn(texts, hard(labels, 3), None, 1, shape=small, epochs=6)
again = learn(texts, hard(labels, 3), None, 1, shape=small, epochs=6)
doubts = np.full((360, 3), 1 / 3, np.float32)
taught = learn(texts, hard(labels, 3), doubts, 1, shape=small, epochs=6, soft=0.9)
shown = Examined(tuple(others[:200]), truth[:200], truth[:200])
frozen = Examined(tuple(others[200:]), truth[200:], truth[200:])
rungs = ("rule", "linear", "transformer")
lesson = Lesson(("a", "b", "c"), tuple(texts), labels, None, shown, frozen, rungs, 0.2, 0.5)
outcome = make(lesson)
print(json.dumps({
    "accuracy": float((plain.scores(others).argmax(1) == truth).mean()),
    "same": bool((plain.scores(others) == again.scores(others)).all()),
    "sure": float(softmax(plain.scores(others)).max(1).mean()),
    "doubting": float(softmax(taught.scores(others)).max(1).mean()),
    "fp32": graph(plain).hex(),
    "int8": eight_bits(graph(plain)).hex(),
    "signs": plain.signs,
    "scores": plain.scores(others[:20]).tolist(),
    "texts": others[:20],
    "extra": extra_installed(),
    "left_out": outcome.report["left_out"],
    "rungs": [one["name"] for one in outcome.report["rungs"]],
    "made": outcome.made.hex(),
}))
"""


@pytest.fixture(scope="module")
def learnt() -> dict[str, object]:
    python = install()
    if python is None:
        pytest.skip("the train extra could not be installed apart (no registry to be reached)")
    known = environment()
    known["PYTHONPATH"] += f":{ROOT / 'tests'}"
    done = subprocess.run(
        [python, "-c", LEARN], cwd=ROOT, env=known, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_it_learns_the_same_from_the_same_seed(learnt: dict[str, float]) -> None:
    assert learnt["accuracy"] > 0.9
    assert learnt["same"]


def test_a_doubtful_teacher_makes_a_doubtful_student(learnt: dict[str, float]) -> None:
    assert learnt["doubting"] < learnt["sure"] - 0.1


def test_the_graph_answers_as_the_network_did_and_eight_bits_nearly(learnt: dict[str, str]) -> None:
    texts = list(learnt["texts"])
    whole = Network(bytes.fromhex(learnt["fp32"]), learnt["signs"]).scores(texts)
    small = Network(bytes.fromhex(learnt["int8"]), learnt["signs"]).scores(texts)
    for row, expected in enumerate(learnt["scores"]):
        assert whole[row].tolist() == pytest.approx(expected, abs=1e-3)  # type: ignore[arg-type]
    assert (small.argmax(axis=1) == whole.argmax(axis=1)).mean() >= 0.9
    assert len(learnt["int8"]) < len(learnt["fp32"])


def test_a_whole_ladder_is_made_there_and_opened_here(learnt: dict[str, str]) -> None:
    assert learnt["extra"]
    assert learnt["left_out"] == []
    assert learnt["rungs"] == ["rule", "linear", "transformer"]
    ladder = opened(bytes.fromhex(learnt["made"]))
    (network,) = (one for one in ladder.rungs if isinstance(one.runs, Network))
    labels, confidence = network.answers(list(learnt["texts"]))
    assert set(labels.tolist()) <= {0, 1, 2}
    assert (confidence > 0).all()
    assert isinstance(network.calibration, Calibration)
    alone = Ladder(ladder.labels, (Made("n", network.runs, network.calibration, 0.0),))
    assert all(opened(alone.packed()).classify(list(learnt["texts"])))
    never = Ladder(ladder.labels, (Made("n", network.runs, network.calibration, NEVER),))
    assert never.classify(["x"]) == [None]


def test_a_process_that_never_asks_a_network_loads_no_runtime() -> None:
    code = (
        "import sys, countersign.app.house, countersign.app.worker;"
        "print([name for name in ('torch', 'onnx', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
