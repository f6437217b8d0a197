"""What eight bits save a small transformer beside itself in PyTorch, and what they lose."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.shared import FOLDER
from tools.training_environment import ROOT, environment, install

SECONDS = 1500
HEAD = 1
"""The batch of the figure: rooms ask about one text at a time."""


def measure(data: Path | None) -> Measured:
    """Trained in an environment of its own (installed once), timed there on one thread."""
    if not (data or FOLDER).is_dir():
        raise Unmeasurable("There is no data. Give DATA= the folder of development data.")
    told = _run((data or FOLDER).resolve())
    micro = {(name, batch): each for name, batch, each in told["micro"]}
    batches = sorted({batch for _, batch in micro})
    accuracy = told["accuracy"]
    ratios = {batch: micro["PyTorch fp32", batch] / micro["ONNX int8", batch] for batch in batches}
    rows = [
        (
            name,
            100 * accuracy[name],
            *(micro[name, batch] for batch in batches),
            *(micro["PyTorch fp32", batch] / micro[name, batch] for batch in batches),
        )
        for name in accuracy
    ]
    lost = 100 * (accuracy["PyTorch fp32"] - accuracy["ONNX int8"])
    return Measured(
        columns=(
            "way",
            "accuracy %",
            *(f"µs, batch {batch}" for batch in batches),
            *(f"×, batch {batch}" for batch in batches),
        ),
        rows=rows,
        figures={
            "ratio": round(ratios[HEAD], 2),
            "difference": round(lost, 3),
            "n": told["n"],
            **{f"ratio_batch_{batch}": round(ratios[batch], 2) for batch in batches},
        },
        notes=(
            "QIC: a transformer of 2 layers, width 192, trained from nothing on the training part; "
            "accuracy on the test part, on which nothing was chosen",
            "the figure is that of one text at a time, as rooms ask; larger ones stand beside",
            "process time of one thread, the median of 3 turns; every way cuts at 64 characters "
            "and pads to the longest text of its batch",
            "int8: weights by output channel, activations as they come (dynamic)",
            f"{100 * told['changed']:.2f} % of the answers differ; training took "
            f"{told['train_seconds']:.0f} s of a core; "
            f"{told['bytes']['ONNX fp32'] / 1e6:.1f} → {told['bytes']['ONNX int8'] / 1e6:.1f} MB",
        ),
    )


def _run(data: Path) -> dict[str, Any]:
    python = install()
    if python is None:
        raise Unmeasurable("The train extra could not be installed apart; pip says why above.")
    done = subprocess.run(
        [python, "-m", "benchmarks.student_int8_run", str(data)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise Unmeasurable(f"The training process failed: {done.stderr[-400:]}")
    return json.loads(done.stdout.splitlines()[-1])
