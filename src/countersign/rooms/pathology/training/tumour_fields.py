"""Nuclei of labelled pictures as the classifier of tumour nuclei sees them."""

# The kernel of the room is compiled code without types.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.training.folders import scales

if TYPE_CHECKING:
    from countersign.rooms.pathology.domain.ki67_scale import Scale

NEAR = 4.0
"""µm between a labelled nucleus and the one that was found for it."""


def rows(
    source: Path, tell: Callable[[str], None]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Features (n, features) of found nuclei with a label, and whether each is a tumour's.

    ``source`` holds ``images/``, ``nuclei.csv`` or ``nuclei.csv.gz`` (field,x,y,type in pixels) and
    ``set.json`` with ``mpp``, or ``fields.csv`` with that of each field. Untyped nuclei are left
    out; with no other both are empty.
    """
    from countersign.rooms.pathology.domain.tumour import FEATURES

    mpp = float(json.loads((source / "set.json").read_text("utf-8"))["mpp"])
    known, own_scales = _known(source), scales(source)
    found, labels = [np.empty((0, len(FEATURES)), np.float32)], list[bool]()
    for file in sorted((source / "images").glob("*")):
        points = known.get(file.stem)
        opened = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
        if points is None or opened is None:
            continue
        um = own_scales.get(file.stem, mpp)
        centres, own = _seen(np.asarray(opened, np.uint8), um)
        for x, y, tumour in points if len(centres) else ():
            far = np.hypot(centres[:, 0] - x, centres[:, 1] - y) * um
            if far.min() <= NEAR:
                found.append(own[[far.argmin()]])
                labels.append(tumour)
        tell(f"{file.stem}: {len(labels)} labelled nuclei were found so far")
    return np.concatenate(found), np.array(labels, np.bool_)


def _seen(rgb: NDArray[np.uint8], mpp: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Centres (n, 2), x and y in pixels of ``rgb``, and features (n, features) of the nuclei of a
    picture of ``mpp`` micrometres a pixel, seen on the working grid as slides are in service."""
    from countersign.rooms.pathology.domain import stain
    from countersign.rooms.pathology.domain.kernel import detect
    from countersign.rooms.pathology.domain.ki67_scale import scale_of
    from countersign.rooms.pathology.domain.tumour import features

    scale = scale_of(mpp)
    seen, um = _working(rgb, scale), mpp * scale.step
    white = stain.white_point(seen)
    table = stain.table(stain.estimated(seen[::2, ::2].reshape(-1, 3), white))
    found = detect(seen, table, um)
    centres = np.stack([found.column("x"), found.column("y")], axis=1).astype(np.float64)
    return (centres + 0.5) * scale.step - 0.5, features(found, um)


def _working(rgb: NDArray[np.uint8], scale: Scale) -> NDArray[np.uint8]:
    """A picture (height, width, 3) on the working grid: averaged by ``scale.down`` as a slide's
    reader does, then resized. To whole blocks of ``GRID`` pixels white is added at its right and
    lower edge, as there is outside a slide."""
    from countersign.rooms.pathology.domain.ki67_plan import GRID

    high, wide = (-(-side // GRID) * GRID for side in rgb.shape[:2])
    whole = np.full((high, wide, 3), 255, np.uint8)
    whole[: rgb.shape[0], : rgb.shape[1]] = rgb
    size = wide // scale.down, high // scale.down
    read = cv2.resize(whole, size, interpolation=cv2.INTER_AREA) if scale.down > 1 else whole
    return np.ascontiguousarray(scale.resized(np.asarray(read, np.uint8)))


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
