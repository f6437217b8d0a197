"""Nuclei of labelled pictures as the classifier of tumour nuclei sees them."""

# The kernel of the room is compiled code without types.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR = 4.0
"""µm between a labelled nucleus and the one that was found for it."""


def rows(
    source: Path, tell: Callable[[str], None]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Features (n, features) of found nuclei with a label, and whether each is a tumour's.

    ``source`` holds ``images/``, ``nuclei.csv`` or ``nuclei.csv.gz`` (field,x,y,type in pixels) and
    ``set.json`` with ``mpp``. Untyped nuclei are left out.
    """
    from countersign.rooms.pathology.domain import stain
    from countersign.rooms.pathology.domain.kernel import detect
    from countersign.rooms.pathology.domain.tumour import features

    mpp = float(json.loads((source / "set.json").read_text("utf-8"))["mpp"])
    known, found_rows, labels = _known(source), [], []
    for file in sorted((source / "images").glob("*")):
        points = known.get(file.stem)
        opened = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
        if points is None or opened is None:
            continue
        read = np.asarray(opened, np.uint8)
        white = stain.white_point(read)
        table = stain.table(stain.estimated(read.reshape(-1, 3), white))
        found = detect(np.ascontiguousarray(read), table, mpp)
        scale = read.shape[1] / found.basins.shape[1]
        if not len(found.rows):
            continue
        centre = np.stack([found.column("x"), found.column("y")], axis=1)
        centre = (centre + 0.5) * round(scale) - 0.5
        own = features(found, mpp * round(scale))
        for x, y, tumour in points:
            far = np.hypot(centre[:, 0] - x, centre[:, 1] - y) * mpp
            if far.min() <= NEAR:
                found_rows.append(own[far.argmin()])
                labels.append(tumour)
        tell(f"{file.stem}: {len(found_rows)} labelled nuclei were found so far")
    return np.array(found_rows, np.float32), np.array(labels, np.bool_)


def _known(source: Path) -> dict[str, list[tuple[float, float, bool]]]:
    plain, packed = source / "nuclei.csv", source / "nuclei.csv.gz"
    found: dict[str, list[tuple[float, float, bool]]] = {}
    with (
        plain.open("rt", encoding="utf-8-sig", newline="")
        if plain.is_file()
        else gzip.open(packed, "rt", encoding="utf-8-sig", newline="")
    ) as lines:
        for row in csv.DictReader(lines):
            if row["type"] and row["type"] != "untyped":
                point = float(row["x"]), float(row["y"]), row["type"] == "tumour"
                found.setdefault(row["field"], []).append(point)
    return found
