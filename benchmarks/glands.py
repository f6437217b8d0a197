"""Glands outlined and graded on patients that the network never saw, beside trees over pixels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import kept
from benchmarks.glands_peer import by_trees, features
from benchmarks.glands_scores import Scored, scored
from benchmarks.measured import Measured, Unmeasurable
from benchmarks.shared import FOLDER
from countersign.rooms.pathology.domain.gland import gland_mask, malignancy
from countersign.rooms.pathology.domain.gland_pixels import MPP
from countersign.rooms.pathology.inference.gland import GlandNetwork
from countersign.rooms.pathology.training.gland_fields import (
    Labelled,
    labelled,
    parts_by_patient,
)
from tools.training_environment import ROOT, beside, install

PARTS, TOGETHER, SECONDS = 5, 2, 7200
ROOM = "src/countersign/rooms/pathology"
RECIPE = (
    "benchmarks/glands_run.py",
    f"{ROOM}/domain/gland_pixels.py",
    f"{ROOM}/inference/glands.npz",
    f"{ROOM}/training/gland_fields.py",
    f"{ROOM}/training/gland_network.py",
    f"{ROOM}/training/glands.py",
    f"{ROOM}/training/lite0.py",
    f"{ROOM}/training/pyramid.py",
)
"""What decides, with the fields and who is held out, what a network says of a field."""

Answer = tuple[NDArray[np.bool_], bool]


def measure(data: Path | None) -> Measured:
    """Five parts by patient, each outlined by a network that learnt from the other four."""
    source = (data or FOLDER) / "imaging" / "he" / "glas"
    if not (source / "fields.csv").is_file():
        raise Unmeasurable("There is no imaging/he/glas. Give DATA= the folder of it.")
    if install() is None:
        raise Unmeasurable("The train extra could not be installed apart; pip says why above.")
    cv2.setNumThreads(1)
    fields = labelled(source)
    parts = parts_by_patient([one.patient for one in fields], PARTS)
    began = time.process_time()
    peer = _peer(fields, parts)
    peer_s = time.process_time() - began
    files = [kept.place("glands", source, part, RECIPE, ".npz") for part in parts]
    with ThreadPoolExecutor(TOGETHER) as pool:
        told = list(pool.map(partial(_train, source), parts, files))
    found: dict[str, Answer] = {}
    for file in files:
        with np.load(file) as held:
            found |= {name: _answer(held[name].astype(np.float32)) for name in held.files}
    network = GlandNetwork.of()
    shipped = {one.name: _answer(network.probabilities(one.pixels)) for one in fields}
    return _measured(fields, parts, (found, shipped, peer), told, peer_s)


def _peer(fields: list[Labelled], parts: list[list[str]]) -> dict[str, Answer]:
    looks = [features(one) for one in fields]
    found: dict[str, Answer] = {}
    for part in parts:
        tested = [at for at, one in enumerate(fields) if one.patient in part]
        learnt = [at for at, one in enumerate(fields) if one.patient not in part]
        answers = by_trees(fields, looks, learnt, tested)
        found |= {fields[at].name: answer for at, answer in zip(tested, answers, strict=True)}
    return found


def _train(source: Path, held: list[str], out: Path) -> dict[str, float]:
    """Teaches one part; one that was taught before is not taught again."""
    told = out.with_suffix(".json")
    if told.is_file():
        return json.loads(told.read_text("utf-8"))
    fresh = out.with_name(f"{os.getpid()}-{out.name}")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.glands_run", source.resolve(), ",".join(held), fresh],
        cwd=ROOT,
        env=beside(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise Unmeasurable(f"The training process failed: {done.stderr[-400:]}")
    fresh.replace(out)
    told.write_text(done.stdout.splitlines()[-1], "utf-8")
    return json.loads(told.read_text("utf-8"))


def _answer(probability: NDArray[np.float32]) -> Answer:
    gland, sick = probability
    mask = gland_mask(gland, MPP)
    return mask, (malignancy(mask, gland, sick) or 0.0) >= 0.5


def _score(fields: list[Labelled], found: dict[str, Answer]) -> Scored:
    return scored(
        [found[one.name][0] for one in fields],
        [one.glands for one in fields],
        [one.malignant for one in fields],
        [found[one.name][1] for one in fields],
    )


def _measured(
    fields: list[Labelled],
    parts: list[list[str]],
    answers: tuple[dict[str, Answer], dict[str, Answer], dict[str, Answer]],
    told: list[dict[str, float]],
    peer_s: float,
) -> Measured:
    names = ("network", "network as shipped", "trees over pixels")
    rows: list[tuple[object, ...]] = []
    for name, found in zip(names, answers, strict=True):
        for part in (*parts, None):
            own = [one for one in fields if part is None or one.patient in part]
            score = _score(own, found)
            who = "all" if part is None else "patients " + " ".join(part)
            figures = (score.dice, score.pooled, score.by_object, score.right)
            rows.append((f"{name}, {who}", len(own), *figures))
    ours, drawn, other = (_score(fields, one) for one in answers)
    train_s = sum(one["train_s"] for one in told)
    return Measured(
        columns=("way", "fields", "Dice", "Dice, pooled", "object Dice", "grade right"),
        rows=rows,
        figures={
            "dice": round(ours.dice, 3),
            "grade_accuracy": round(ours.right, 3),
            "object_dice": round(ours.by_object, 3),
            "pooled_dice": round(ours.pooled, 3),
            "shipped_dice": round(drawn.dice, 3),
            "shipped_grade_accuracy": round(drawn.right, 3),
            "peer_dice": round(other.dice, 3),
            "peer_grade_accuracy": round(other.right, 3),
            "peer_object_dice": round(other.by_object, 3),
            "fields": len(fields),
            "patients": len({one.patient for one in fields}),
            "train_core_s": round(train_s),
            "peer_core_s": round(peer_s),
        },
        notes=(
            f"GlaS at half resolution ({MPP} µm a pixel), {PARTS} parts by patient: no field of a "
            "tested patient was learnt from; nothing of this set is shipped",
            "dice is the mean over fields of the Dice of pixels; masks of this set join glands "
            "that touch, so object Dice is that of joined glands",
            "the network goes on from weights learnt from photographs, as in a hospital that "
            "teaches its own; as shipped it saw no real slide at all, only ones that the project "
            "draws; the trees saw the other patients of this set",
            "two patients hold a third of the fields, and most patients one grade only: the "
            "grade may be told by what is the patient's own",
            f"{int(told[0]['parameters']):,} parameters; processor seconds: network {train_s:.0f} "
            f"to learn {PARTS} times and {sum(one['outline_s'] for one in told):.0f} to outline, "
            f"trees {peer_s:.0f} for both",
        ),
    )
