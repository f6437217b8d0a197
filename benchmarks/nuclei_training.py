"""Trains networks for nuclei on H&E, one for each part held out, in a process with PyTorch."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import kept
from benchmarks.measured import Unmeasurable
from countersign.rooms.pathology.training.efforts import LITTLE, WHOLE, Effort
from countersign.rooms.pathology.training.he import LOOKS
from tools.training_environment import ROOT, beside, install

AT_ONCE = 2
"""Networks that are trained beside each other, on one core each."""

SECONDS = 14_400
"""For what a file holds and what it learns before, on a busy machine."""

ROOM = "src/countersign/rooms/pathology"
RECIPE = (
    "src/countersign/kit/graph_rounding.py",
    f"{ROOM}/domain/he_grouping.py",
    f"{ROOM}/domain/he_maps.py",
    f"{ROOM}/domain/nuclei_scores.py",
    f"{ROOM}/inference/he_network.py",
    f"{ROOM}/training/efforts.py",
    f"{ROOM}/training/he.py",
    f"{ROOM}/training/he_crops.py",
    f"{ROOM}/training/he_eight.py",
    f"{ROOM}/training/he_network.py",
    f"{ROOM}/training/he_pair.py",
    f"{ROOM}/training/he_share.py",
    f"{ROOM}/training/lite0.py",
    f"{ROOM}/training/pyramid.py",
)
"""What decides, with the pictures and the steps, what a network has learnt and which share of a
hill its card calls a centre."""


@dataclass(frozen=True)
class Trained:
    """The file of a network, what was held out from it, the core-seconds it took, and what was
    asked of the machine."""

    file: Path
    held: tuple[str, ...]
    core_s: float
    effort: Effort


def folds(names: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Every name is held out once: the ones with the same remainder of their place together."""
    ordered = sorted(names)
    return [tuple(ordered[part::count]) for part in range(count)]


@dataclass(frozen=True)
class Before:
    """A folder that all networks learn from first, and what it says of itself."""

    source: Path
    about: dict[str, Any]

    def place(self, effort: Effort) -> Path:
        """Where what it taught stays."""
        asked = [self.about, "begun", dataclasses.astuple(effort)]
        return kept.place("nuclei", self.source, asked, RECIPE, ".pt")


def place(
    source: Path,
    about: dict[str, Any],
    held: Sequence[str],
    effort: Effort,
    before: Before | None = None,
) -> Path:
    """Where the network of these pictures, without those held out, stays."""
    asked: list[Any] = [about, sorted(held), dataclasses.astuple(effort), LOOKS]
    if before is not None:
        asked.append(before.place(effort).name)
    return kept.place("nuclei", source, asked, RECIPE, ".onnx")


def trained(
    source: Path,
    about: dict[str, Any],
    parts: Sequence[Sequence[str]],
    before: Before | None = None,
) -> list[Trained]:
    """One network for each part, from the pictures outside it: those that a graphics card has
    made before, else with what effort this machine can be asked for. Raises Unmeasurable."""
    if install() is None:
        raise Unmeasurable("The train extra could not be installed apart; pip says why above.")

    whole = all(place(source, about, part, WHOLE, before).is_file() for part in parts)
    effort = WHOLE if whole or _graphics_card() else LITTLE

    def one(number: int) -> Trained:
        out = place(source, about, parts[number], effort, before)
        took = out.with_suffix(".core_s")
        if took.is_file():
            return Trained(out, tuple(parts[number]), float(took.read_text("utf-8")), effort)
        asked = {
            "source": str(source.resolve()),
            "out": str(out),
            "about": about,
            "held": list(parts[number]),
            "effort": dataclasses.astuple(effort),
            # Two that begin at the same moment learn the same twice; no time is lost by it.
            "before": before and {"source": str(before.source.resolve()), "about": before.about},
            "begun": before and str(before.place(effort)),
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.nuclei_training", json.dumps(asked)],
            cwd=ROOT,
            env=beside(),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        if done.returncode:
            raise Unmeasurable(f"The training process failed: {done.stderr[-400:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        took.write_text(str(told["core_s"]), "utf-8")
        return Trained(out, tuple(parts[number]), float(told["core_s"]), effort)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(len(parts))))


def _graphics_card() -> bool:
    asked = [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"]
    done = subprocess.run(asked, env=beside(), capture_output=True, text=True, check=False)
    return done.stdout.strip() == "True"


def _run(asked: dict[str, Any]) -> None:
    import time

    from countersign.rooms.pathology.training.he import train

    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as beside_it:
        also = [_said(Path(beside_it), **asked["before"])] if asked["before"] else []
        train(
            Path(asked["source"]),
            Path(asked["out"]),
            lambda line: print(line, flush=True),
            held=asked["held"],
            about=asked["about"],
            effort=Effort(*asked["effort"]),
            also=also,
            begun=Path(asked["begun"]) if asked["begun"] else None,
        )
    print(json.dumps({"core_s": time.process_time() - began}))


def _said(folder: Path, source: str, about: dict[str, Any]) -> Path:
    """The folder of development data with what it does not say of itself."""
    for one in Path(source).iterdir():
        (folder / one.name).symlink_to(one)
    (folder / "set.json").write_text(json.dumps(about), "utf-8")
    return folder


if __name__ == "__main__":
    _run(json.loads(sys.argv[1]))
