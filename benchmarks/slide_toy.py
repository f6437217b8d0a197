"""A tiny slide and a tiny analysis with exact answers: for the queue, not for the eye."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Associated, Level, Slide
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.measured import (
    Findings,
    Nuclei,
    Plan,
    Region,
    Ring,
    Tile,
)
from countersign.rooms.pathology.inference.errors import Unmeasurable

Pixels = NDArray[np.uint8]
SIDE = 32


class ToyDamaged(CountersignError):
    code = "imaging.damaged"
    status = 422
    message = "The toy is broken."


class ToySlide:
    """A PNG file as a slide of one level."""

    format = "image"
    mpp = (0.5, 0.5)
    properties: dict[str, str] = {"scanner": "Toy"}  # noqa: RUF012

    def __init__(self, path: Path) -> None:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
        pixels: Any = cv2.imdecode(raw, cv2.IMREAD_COLOR_RGB) if raw.size else None
        if pixels is None:
            raise ToyDamaged
        self._pixels: Pixels = pixels
        height, width = pixels.shape[:2]
        self.levels = (Level(width, height, 1.0, SIDE, SIDE),)

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        return self._pixels[y : y + height, x : x + width]

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return None

    def associated(self, which: Associated) -> Pixels | None:
        return self._pixels[:, : self._pixels.shape[0]] if which is Associated.LABEL else None

    def close(self) -> None:
        pass


def open_toy(path: Path) -> Slide:
    """Raises ToyDamaged. A file whose bytes say so ends the process that reads it."""
    if path.read_bytes()[:4] == b"KILL":
        os._exit(9)
    return ToySlide(path)


class Toy:
    """Every dark pixel of a tile is a nucleus; its columns come of that pixel."""

    name, version = "toy", "1.0.0"

    def plan(self, slide: Slide) -> Plan:
        level = slide.levels[0]
        pixels = slide.region(0, 0, level.width, level.height)
        if pixels.min() > 240:
            raise Unmeasurable(reason="no-tissue")
        corners = [
            (x, y) for y in range(0, level.height, SIDE) for x in range(0, level.width, SIDE)
        ]
        tiles = tuple(Tile(n, x, y, SIDE, SIDE, 0) for n, (x, y) in enumerate(corners))
        outline = np.array([[0, 0], [level.width, 0], [0, level.height]], np.float32)
        white = pixels.reshape(-1, 3).mean(0).tolist()
        region = Region("tissue", Ring(outline))
        return Plan(self.name, self.version, 0.5, tiles, (region,), (), {"white": white})

    def measure(self, slide: Slide, plan: Plan, tile: Tile) -> Nuclei:
        white = np.array(plan.kept["white"], np.float64)
        pixels = slide.region(tile.x, tile.y, tile.width, tile.height).astype(np.float64)
        density = np.log1p(white) - np.log1p(pixels).astype(np.float64)
        rows, columns = np.nonzero(pixels.sum(2) < 200)
        found = density[rows, columns].astype(np.float32)
        one = np.ones(len(rows), np.float32)
        return Nuclei(
            x=(columns + tile.x).astype(np.float32),
            y=(rows + tile.y).astype(np.float32),
            area=one,
            stain=found[:, 1],
            haematoxylin=found[:, 0],
            tumour=found[:, 2],
            type=(rows % 3).astype(np.uint8),
            score=one,
        )

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        mean = float(nuclei.stain.astype(np.float64).mean()) if len(nuclei) else 0.0
        return Findings({"count": len(nuclei), "mean": mean}, plan.tissue, (), {"mean": mean})


class Newer(Toy):
    """The same under another version."""

    version = "2.0.0"


def picture(seed: int, width: int = 96, height: int = 64) -> bytes:
    """A PNG of chance with some dark pixels."""
    chance = np.random.default_rng(seed)
    pixels = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
    good, raw = cv2.imencode(".png", pixels)
    assert good
    return raw.tobytes()
