"""Reads a folder of fields with outlined glands, as the GlaS challenge and hospitals keep them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.gland_pixels import MPP

_PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One field: RGB (h, w, 3) at 1.24 µm, where glands are, whose it is, and its grade."""

    name: str
    patient: str
    malignant: bool
    pixels: NDArray[np.uint8]
    glands: NDArray[np.bool_]


def labelled(source: Path) -> list[Labelled]:
    """The fields of ``fields.csv`` (field, patient, grade ``benign`` or ``malignant``, and, where
    it is not 1.24, mpp) with ``images/<field>`` and ``masks/<field>``, in the order of the file.

    Raises FileNotFoundError and ValueError, naming the field.
    """
    with (source / "fields.csv").open(encoding="utf-8", newline="") as opened:
        return [_field(source, row) for row in csv.DictReader(opened)]


def _field(source: Path, row: dict[str, str]) -> Labelled:
    name, grade = row["field"], row["grade"]
    if Path(name).name != name or grade not in ("benign", "malignant"):
        raise ValueError(f"fields.csv: {name!r} {grade!r}")
    pixels = _read(source / "images", name, cv2.IMREAD_COLOR_RGB)
    mask = _read(source / "masks", name, cv2.IMREAD_GRAYSCALE)
    if mask.shape != pixels.shape[:2]:
        raise ValueError(f"masks/{name}: {mask.shape} instead of {pixels.shape[:2]}")
    scale = float(row.get("mpp") or MPP) / MPP
    if abs(scale - 1) > 0.02:
        size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return Labelled(name, row["patient"], grade == "malignant", pixels, mask > 0)


def _read(folder: Path, name: str, how: int) -> NDArray[np.uint8]:
    for ending in _PICTURES:
        file = folder / f"{name}{ending}"
        if file.is_file():
            read = cv2.imread(str(file), how)
            if read is None:
                raise ValueError(f"{folder.name}/{file.name} cannot be read")
            return np.asarray(read, np.uint8)
    raise FileNotFoundError(f"{folder.name}/{name}")


def parts_by_patient(patients: Sequence[str], parts: int) -> list[list[str]]:
    """The patients in so many parts of about as many fields: the one with most fields goes
    first, each to the part that has fewest so far. Fields of one patient never part."""
    count = {one: list(patients).count(one) for one in patients}
    found: list[list[str]] = [[] for _ in range(parts)]
    size = [0] * parts
    for one in sorted(count, key=lambda name: (-count[name], len(name), name)):
        least = size.index(min(size))
        found[least].append(one)
        size[least] += count[one]
    return found
