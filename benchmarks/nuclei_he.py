"""How well single nuclei on H&E are outlined, beside scikit-image, on tiles never learnt from."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.measured import Measured
from benchmarks.nuclei_sets import COLON, TILES
from benchmarks.nuclei_training import Trained, folds, trained
from countersign.rooms.pathology.domain.he_grouping import grouped
from countersign.rooms.pathology.domain.he_maps import MPP, SIGHT
from countersign.rooms.pathology.domain.nuclei_scores import aggregated_jaccard
from countersign.rooms.pathology.inference.he_network import HeNetwork, halved, opened
from countersign.rooms.pathology.training.efforts import MORE
from countersign.rooms.pathology.training.he import LOOKS

PARTS = 3
CHALLENGE = 0.691
"""The best of the challenge, on its own test tiles (Kumar et al. 2020,
doi:10.1109/TMI.2019.2947628)."""

Picture = NDArray[np.uint8]
Labels = NDArray[np.int32]


def measure(data: Path | None) -> Measured:
    """Trains three pairs of networks (two hours of two cores); each tile is read by the pair that
    never saw it."""
    source, before = TILES.source(data), COLON.before(data)
    from benchmarks.nuclei_peers import scikit_image, without_training

    cv2.setNumThreads(1)
    names = [
        file.name.removesuffix("_instances.png")
        for file in sorted((source / "labels").glob("*_instances.png"))
    ]
    networks = trained(source, TILES.about, folds(names, PARTS), before)
    of = {name: opened(one.file) for one in networks for name in one.held}
    ways: dict[str, Callable[[str, Picture], Labels]] = {
        "network, tile never seen": lambda name, image: by_network(of[name], image),
        "without training (default)": lambda _, image: enlarged(without_training(halved(image))),
        "scikit-image, watershed": lambda _, image: enlarged(scikit_image(halved(image))),
    }
    without_training(np.full((64, 64, 3), 200, np.uint8))  # compiled before it is timed
    found = {way: tried(source, names, find) for way, find in ways.items()}
    return _told(found, networks, len(names), before is not None)


def by_network(network: HeNetwork, image: Picture) -> Labels:
    """As the product does, with the outlines drawn at the tile's own resolution."""
    return grouped(network.maps(image), network.grouping, zoom=2).labels


def enlarged(labels: Labels) -> Labels:
    return np.kron(labels, np.ones((2, 2), np.int32))


def tried(
    source: Path, names: list[str], find: Callable[[str, Picture], Labels]
) -> tuple[list[float], float]:
    """The index of each tile, and megapixels of MPP a core-second. The tiles lie at SIGHT."""
    indices: list[float] = []
    seconds = pixels = 0.0
    for name in names:
        bgr: Any = cv2.imread(str(source / "images" / f"{name}.jpg"))
        truth: Any = cv2.imread(
            str(source / "labels" / f"{name}_instances.png"), cv2.IMREAD_UNCHANGED
        )
        image = np.ascontiguousarray(bgr[:, :, ::-1])
        began = time.process_time()
        labels = find(name, image)
        seconds += time.process_time() - began
        pixels += image.shape[0] * image.shape[1] * (SIGHT / MPP) ** 2 / 1e6
        indices.append(aggregated_jaccard(truth.astype(np.int32), labels))
    return indices, pixels / seconds


def _told(
    found: dict[str, tuple[list[float], float]],
    networks: list[Trained],
    tiles: int,
    colon_before: bool,
) -> Measured:
    rows = [
        (way, float(np.mean(each)), min(each), max(each), speed)
        for way, (each, speed) in found.items()
    ]
    rows.append(("best of the challenge, its own test tiles", CHALLENGE, "", "", ""))
    ours, plain, peer = (row[1] for row in rows[:3])
    spent, asked = sum(one.core_s for one in networks), networks[0].effort
    return Measured(
        columns=("way", "AJI, mean of the tiles", "worst tile", "best tile", "Mpx/core-s"),
        rows=rows,
        figures={
            "aji": round(float(ours), 4),
            "without_training_aji": round(float(plain), 4),
            "peer_aji": round(float(peer), 4),
            "tiles": tiles,
            "train_core_s": round(spent),
        },
        notes=(
            f"{tiles} tiles of 30 have outlines; each is read by the one of {PARTS} networks that "
            "never saw it; the other 17 tiles teach foreground and convex nuclei alone",
            f"the index is that of the challenge's script of 17 July 2018, at {SIGHT} µm; the "
            f"networks look at {SIGHT} µm, {LOOKS} times each, and draw at {MPP}, the other ways "
            f"look at {MPP} µm",
            "before, both learnt as long as the first from the fields of CRCHisto"
            if colon_before
            else "there were no fields of CRCHisto to learn from before",
            f"one of each pair learnt from {asked.steps} batches of {asked.batch} crops, the other "
            f"from {MORE} times as many; with what they learnt before all that took "
            f"{spent:,.0f} seconds of one core, or of one card; no network "
            "trained on them is shipped (their licence forbids it)",
            "the numbers of the way without training were chosen while looking at half of the "
            "tiles, the blur of centres and the way of rounding on the nine of the first two "
            "parts, the foreground on five, how often a network looks on those of the first part",
            "0.691 was reached on other tiles (14 of the challenge's test), with all 30 tiles "
            "outlined for training: it stands beside, it is not the same test",
        ),
    )
