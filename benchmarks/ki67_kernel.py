"""Speed of nucleus detection at half a micrometre, beside scikit-image and HistomicsTK."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.histomicstk_peer import MISSING, asked
from benchmarks.ki67_fields import MPP, NAMES, field
from benchmarks.measured import Measured
from benchmarks.skimage_nuclei import found_by_skimage
from countersign.rooms.pathology.domain import stain
from countersign.rooms.pathology.domain.kernel import detect

ROUNDS = 7


def measure(data: Path | None) -> Measured:
    """Processor time of one thread on the same pixels: the densest labelled field, 4 × 4 times."""
    cv2.setNumThreads(1)
    rgb = np.tile(field(NAMES[1], data).rgb, (4, 4, 1))
    megapixels = rgb.shape[0] * rgb.shape[1] / 1e6
    table = stain.table(stain.estimated(rgb[:256, :256], stain.white_point(rgb[:256, :256])))
    found = len(detect(rgb, table, MPP).rows)
    times: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        detect(rgb, table, MPP)
        times.append(time.process_time() - began)
    ours = megapixels / float(np.median(times))
    began = time.process_time()
    by_skimage = len(found_by_skimage(rgb, 0.02, 6).x)
    skimage = megapixels / (time.process_time() - began)
    rows: list[tuple[object, ...]] = [
        ("ours", ours, found),
        ("scikit-image, local threshold + watershed", skimage, by_skimage),
    ]
    said = asked({"dense": rgb}, [(180.0, 6.0, True), (180.0, 6.0, False)])
    htk: float | None = None
    if said:
        for name, one in zip(("with", "without"), said["dense"], strict=True):
            speed = megapixels / float(one["seconds"])
            rows.append((f"HistomicsTK 1.4.0, Kofahi, {name} normalisation", speed, len(one["x"])))
        htk = megapixels / float(said["dense"][0]["seconds"])
    return Measured(
        columns=("method", "Mpx per core-second", "nuclei"),
        rows=rows,
        figures={
            "mpx_per_core_s": round(ours, 1),
            "ratio_skimage": round(ours / skimage, 1),
            "ratio_histomicstk": round(ours / htk, 1) if htk else None,
        },
        notes=(
            "processor time, one thread; unmixing to means of each nucleus; half of the pixels"
            " lie in nuclei; a repeated field makes caches look better than a slide does",
            "HistomicsTK's ratio is to its pipeline as its command line has it, normalised",
            *(() if said else (MISSING,)),
        ),
    )
