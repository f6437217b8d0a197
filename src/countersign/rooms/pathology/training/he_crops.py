"""Pictures with known nuclei, read from a folder and cut into crops that training looks at."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.he_maps import FINER, MPP, Lesson, lesson
from countersign.rooms.pathology.domain.measured import NucleusType

Picture = NDArray[np.uint8]
CROP = 160
"""Pixels of the side of a crop's maps; what is seen of it has FINER times as many."""

NAMES = {
    "tumour": NucleusType.TUMOUR,
    "inflammatory": NucleusType.INFLAMMATORY,
    "stromal": NucleusType.STROMAL,
    "fibroblast": NucleusType.STROMAL,
    "epithelial": NucleusType.EPITHELIAL,
    "other": NucleusType.OTHER,
    "others": NucleusType.OTHER,
    "untyped": NucleusType.UNTYPED,
}
"""Words of ``nuclei.csv``, and what they are here."""


@dataclass(frozen=True, slots=True)
class Field:
    """One picture at SIGHT and what is known of it at MPP.

    ``image`` uint8 (FINER · h, FINER · w, 3), RGB. Each of the others may be missing: ``instances``
    int32 (h, w), 0 where there is no nucleus; ``foreground`` bool (h, w); ``points`` float32
    (n, 2), x and y, with ``types`` uint8 (n,), NucleusType.
    """

    name: str
    image: Picture
    instances: NDArray[np.int32] | None = None
    foreground: NDArray[np.bool_] | None = None
    points: NDArray[np.float32] | None = None
    types: NDArray[np.uint8] | None = None


def read(folder: Path, mpp: float) -> list[Field]:
    """All pictures of a folder whose pixels measure ``mpp`` µm, by name.

    The folder holds ``images/NAME.(png|jpg|tif)``; ``labels/NAME_instances.png`` (16 bit, one
    number a nucleus) or ``labels/NAME_foreground.png``; ``nuclei.csv`` or ``nuclei.csv.gz`` with
    field,x,y,type in pixels. Pictures of which nothing is known are left out.
    """
    points = _points(folder)
    found = [
        _field(folder, file, mpp, points.get(file.stem, []))
        for file in sorted((folder / "images").iterdir())
        if file.suffix.lower() in {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
    ]
    return [one for one in found if not _unknown(one)]


def _unknown(one: Field) -> bool:
    return one.instances is None and one.foreground is None and one.points is None


def _field(folder: Path, file: Path, mpp: float, points: list[tuple[float, float, int]]) -> Field:
    share = mpp / MPP
    bgr: Any = cv2.imread(str(file), cv2.IMREAD_COLOR)
    size = (round(bgr.shape[1] * share), round(bgr.shape[0] * share))
    image = scaled(np.ascontiguousarray(bgr[:, :, ::-1]), (FINER * size[0], FINER * size[1]))
    whole = _label(folder / "labels" / f"{file.stem}_instances.png", size)
    plain = _label(folder / "labels" / f"{file.stem}_foreground.png", size)
    rows = np.array(points, np.float32).reshape(-1, 3)
    return Field(
        file.stem,
        image,
        None if whole is None else whole.astype(np.int32),
        None if plain is None else plain > 0,
        rows[:, :2] * np.float32(share) if len(rows) else None,
        rows[:, 2].astype(np.uint8) if len(rows) else None,
    )


def scaled(image: Picture, size: tuple[int, int]) -> Picture:
    """``image`` made smaller or larger, to this width and height."""
    if size == (image.shape[1], image.shape[0]):
        return image
    way = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def _label(file: Path, size: tuple[int, int]) -> NDArray[Any] | None:
    if not file.is_file():
        return None
    found = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if found is None:
        return None
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_NEAREST))


def _points(folder: Path) -> dict[str, list[tuple[float, float, int]]]:
    plain, packed = folder / "nuclei.csv", folder / "nuclei.csv.gz"
    found: dict[str, list[tuple[float, float, int]]] = {}
    if not plain.is_file() and not packed.is_file():
        return found
    with (
        plain.open("rt", encoding="utf-8")
        if plain.is_file()
        else gzip.open(packed, "rt", encoding="utf-8") as opened
    ):
        for row in csv.DictReader(opened):
            kind = NAMES.get(row["type"], NucleusType.UNTYPED)
            place = (float(row["x"]), float(row["y"]), int(kind))
            found.setdefault(row["field"], []).append(place)
    return found


def crop(
    fields: Sequence[Field], chance: np.random.Generator, exact: float = 0.0
) -> tuple[Picture, Lesson]:
    """A crop of a field drawn by lot: turned, scaled, and stained as another laboratory would.
    A share ``exact`` of them is turned by right angles alone. The picture (FINER · CROP on a side)
    and what is true of it (CROP)."""
    one = fields[int(chance.integers(len(fields)))]
    height, width = one.image.shape[0] // FINER, one.image.shape[1] // FINER
    scale = float(np.exp(chance.uniform(-0.22, 0.22)))
    turn = float(chance.uniform(0, 360))
    right = exact > 0 and chance.random() < exact
    if right:
        scale, turn = 1.0, 90.0 * int(chance.integers(4))
    # Little of the crop shall lie outside the picture, and yet its edges be seen as often.
    middle = (_somewhere(width, chance), _somewhere(height, chance))
    move: Any = cv2.getRotationMatrix2D(middle, turn, scale)
    move[:, 2] += CROP / 2 - np.array(middle)
    if right:
        move = np.rint(move)
    if chance.random() < 0.5:
        move[0] *= -1
        move[0, 2] += CROP - 1
    size = (CROP, CROP)
    image = cv2.warpAffine(
        one.image,
        _finer(move),
        (FINER * CROP, FINER * CROP),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )

    def plane(label: NDArray[Any]) -> NDArray[Any]:
        wide = label.astype(np.int16 if label.dtype != np.bool_ else np.uint8)
        return np.asarray(
            cv2.warpAffine(
                wide, move, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT
            )
        )

    inside = plane(np.ones((height, width), np.bool_)) > 0
    points = None
    if one.points is not None:
        points = (one.points @ move[:, :2].T + move[:, 2]).astype(np.float32)
    known = lesson(
        inside,
        None if one.instances is None else plane(one.instances).astype(np.int32),
        None if one.foreground is None else plane(one.foreground) > 0,
        points,
        one.types,
    )
    return stained(np.asarray(image, np.uint8), chance), known


def _finer(move: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same movement for pixels of the picture. The middle of a pixel of the maps lies between
    those of the FINER² of the picture that it covers."""
    between = np.full(2, (FINER - 1) / 2)
    seen = move.copy()
    seen[:, 2] = FINER * move[:, 2] + between - move[:, :2] @ between
    return seen


def _somewhere(length: int, chance: np.random.Generator) -> float:
    near = min(0.4 * CROP, length / 2)
    return float(chance.uniform(near, length - near))


RGB_OF_HED = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
"""Optical densities of haematoxylin, eosin, DAB: Ruifrok and Johnston 2001."""

HED_OF_RGB = np.linalg.inv(RGB_OF_HED).astype(np.float32)


def stained(image: Picture, chance: np.random.Generator) -> Picture:
    """Each stain thicker or thinner, the picture lighter, darker, of other hue, blurred.

    Stain by stain after Tellez et al. 2018 (doi:10.1109/TMI.2018.2820199).
    """
    density = -np.log((image.astype(np.float32) + 1) / 256)
    stains = density.reshape(-1, 3) @ HED_OF_RGB
    factor = np.exp(chance.normal(0, 0.18, 3)).astype(np.float32)
    shift = chance.normal(0, 0.03, 3).astype(np.float32)
    light = 256 * np.exp(-((stains * factor + shift) @ RGB_OF_HED)) - 1
    light = light * chance.uniform(0.85, 1.12) * chance.uniform(0.95, 1.05, 3).astype(np.float32)
    out = np.clip(light, 0, 255).astype(np.uint8).reshape(image.shape)
    if chance.random() < 0.3:
        out = cv2.GaussianBlur(out, (0, 0), float(chance.uniform(0.3, 1.0)))
    if chance.random() < 0.3:
        noise = chance.normal(0, chance.uniform(1, 6), out.shape)
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    return np.asarray(out, np.uint8)
