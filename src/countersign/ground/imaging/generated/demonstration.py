"""The slides of the demonstration hospital: drawn here, so that none has to be fetched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from countersign.ground.imaging.slide import Associated, Pixels

from .artefacts import spoiled
from .field import Cells, Field, Mask
from .he import draw_he
from .ihc import draw_ihc
from .layout import layered
from .sheet import Picture
from .writing import write_tiff

WIDTH, HEIGHT, MPP = 4096, 3072, 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slide to draw: ``share`` positive (Ki-67) or invaded (H&E), by a ``solid`` tumour or by
    one that forms glands."""

    name: str
    stain: str
    share: float
    with_artefacts: bool = False
    solid: bool = False


SLIDES = (
    Wanted("S26-1001-A1-KI67", "ki67", 0.08),
    Wanted("S26-1002-A1-KI67", "ki67", 0.27),
    Wanted("S26-1003-B2-KI67", "ki67", 0.62, with_artefacts=True),
    Wanted("S26-1004-A1-HE", "he", 0.45),
    Wanted("S26-1005-A1-HE", "he", 0.2, with_artefacts=True),
    Wanted("S26-1006-A1-HE", "he", 0.5, solid=True),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A slide that was written, and the truth about it."""

    path: Path
    wanted: Wanted
    cells: Cells


def write_demonstration(
    folder: Path,
    seed: int = 2026,
    slides: tuple[Wanted, ...] = SLIDES,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> list[Shown]:
    """SVS files with label and macro, named by what their labels say; a few seconds each and
    up to about a gigabyte and a half of memory."""
    shown: list[Shown] = []
    for number, wanted in enumerate(slides):
        field = drawn(wanted, seed + number, size)
        pixels = spoiled(field, seed + number).pixels if wanted.with_artefacts else field.pixels
        path = folder / f"{wanted.name}.svs"
        small = cv2.resize(pixels, (512, 512 * size[1] // size[0]), interpolation=cv2.INTER_AREA)
        pictures = {
            Associated.LABEL: label(wanted.name),
            Associated.MACRO: _macro(np.asarray(small, np.uint8), wanted.name),
            Associated.THUMBNAIL: np.asarray(small, np.uint8),
        }
        write_tiff(Picture(pixels, MPP), path, aperio=True, pictures=pictures)
        shown.append(Shown(path, wanted, field.cells))
    return shown


def drawn(wanted: Wanted, seed: int, size: tuple[int, int]) -> Field:
    """The field behind a slide of the demonstration, with its tissue on white."""
    width, height = size
    tissue = _island(seed, width, height)
    if wanted.stain == "ki67":
        return draw_ihc(seed, width, height, MPP, wanted.share, tissue)
    return draw_he(seed, width, height, MPP, wanted.share, tissue=tissue, solid=wanted.solid)


def _island(seed: int, width: int, height: int) -> Mask:
    """One piece of tissue that keeps clear of the edges."""
    chance = np.random.default_rng([seed, 3])
    small = (96, 128)
    y = np.linspace(-1, 1, small[0])[:, None]
    x = np.linspace(-1, 1, small[1])[None, :]
    height_map = 0.9 - (x**2 + y**2) + 0.16 * layered(chance, small, 40, 3)
    height_map -= 8 * np.maximum(np.maximum(np.abs(x), np.abs(y)) - 0.82, 0)
    smooth = cv2.resize(
        height_map.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(smooth > 0.15, np.bool_)


def label(text: str) -> Pixels:
    """A printed label: the slide's number in letters and as bars (no standard's code)."""
    canvas = np.full((300, 300, 3), 250, np.uint8)
    bars = np.unpackbits(np.frombuffer(text.encode(), np.uint8))
    for number, bar in enumerate(bars[:120]):
        if bar:
            canvas[190:270, 30 + 2 * number : 32 + 2 * number] = 20
    for row, line in enumerate(text.rsplit("-", 1)):
        place = (24, 70 + 60 * row)
        cv2.putText(canvas, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.85, (20, 20, 20), 2)
    return canvas


def _macro(small: Pixels, text: str) -> Pixels:
    """The whole glass from above: label at the left, tissue at the right."""
    glass = np.full((420, 1200, 3), 232, np.uint8)
    glass[60:360, 40:340] = label(text)
    high = min(small.shape[0], 380)
    glass[20 : 20 + high, 520 : 520 + small.shape[1]] = small[:high]
    return glass
