"""A stand-in analysis whose answer is known by each nucleus's place: for pages, not for eyes."""

from __future__ import annotations

import cv2
import numpy as np

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.measured import (
    Findings,
    Nuclei,
    NucleusType,
    Plan,
    Region,
    Ring,
    Tile,
)

STEP = 16
"""Pixels between nuclei; every fourth is positive, and those in the last column are no tumour's."""

SIDE = 256


def box(kind: str, left: float, top: float, right: float, bottom: float) -> Region:
    """A rectangle as a region."""
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return Region(kind, Ring(np.array(corners, np.float32)))


class Stand:
    """Reads no pixel: a lattice of nuclei over the whole slide."""

    name, version = "ki67", "1.0.0"
    second = 0.26
    apart = False
    blur = 0.0

    def plan(self, slide: Slide) -> Plan:
        level = slide.levels[0]
        corners = [
            (x, y) for y in range(0, level.height, SIDE) for x in range(0, level.width, SIDE)
        ]
        tiles = tuple(Tile(n, x, y, SIDE, SIDE, 0) for n, (x, y) in enumerate(corners))
        tissue = box("tissue", 0, 0, level.width, level.height)
        fold = box("fold", 0, 0, 40, 40)
        return Plan(self.name, self.version, 0.5, tiles, (tissue,), (fold,), {})

    def measure(self, slide: Slide, plan: Plan, tile: Tile) -> Nuclei:
        level = slide.levels[0]
        right, bottom = min(tile.x + SIDE, level.width), min(tile.y + SIDE, level.height)
        rows, columns = np.meshgrid(
            np.arange(tile.y + STEP // 2, bottom, STEP),
            np.arange(tile.x + STEP // 2, right, STEP),
            indexing="ij",
        )
        x, y = columns.ravel().astype(np.float32), rows.ravel().astype(np.float32)
        place = (x // STEP + y // STEP * (level.width // STEP)).astype(np.int64)
        many = len(x)
        other = x > level.width - STEP
        return Nuclei(
            x=x,
            y=y,
            area=np.full(many, 40, np.float32),
            stain=np.where(place % 4 == 0, 0.25 + 0.1 * (place % 5), 0.05).astype(np.float32),
            haematoxylin=np.full(many, 0.4, np.float32),
            tumour=np.where(other, 0.1, 0.9).astype(np.float32),
            type=np.where(other, NucleusType.INFLAMMATORY, NucleusType.TUMOUR).astype(np.uint8),
            score=np.ones(many, np.float32),
        )

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        level = slide.levels[0]
        spot = box("hotspot", 64, 64, 192, 192)
        tumour = box("tumour", 0, 0, level.width, level.height)
        return Findings(
            {
                "index": 0.25,
                "grades": [0.2, 0.4, 0.6],
                "cutoff": 0.5,
                "quality": {"blur": self.blur, "values": {"focus": -0.1, "artefacts": self.blur}},
            },
            (tumour, spot),
            ({"code": "non-tumour-nuclei", "share": 0.03},),
            {"index": self.second, "ours": 0.25, "disagrees": self.apart},
        )


class Divided(Stand):
    """The same, with a second method that says otherwise."""

    second = 0.6
    apart = True


class Miscounted(Stand):
    """Of H&E: the same nuclei, which a second method counts otherwise, and TILs on which the two
    agree."""

    name = "he"

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        return Findings(
            {"nuclei": len(nuclei), "til_percent": 12.0, "til_low": 9.0, "til_high": 15.0},
            (),
            (),
            {
                "til_percent": 14.0,
                "til_ours": 12.5,
                "nuclei": {"tiles": 6, "nuclei": 1500, "second": 900, "disagree": True},
            },
        )


class Blurred(Stand):
    """The same, half out of focus."""

    blur = 0.5


def sheet(seed: int = 1, width: int = 512, height: int = 384) -> bytes:
    """A PNG of a pink slide with some purple."""
    chance = np.random.default_rng(seed)
    pixels = np.clip(np.array([216, 190, 232]) + chance.normal(0, 8, (height, width, 3)), 0, 255)
    pixels[::STEP, ::STEP] = (140, 70, 90)
    good, raw = cv2.imencode(".png", pixels.astype(np.uint8))
    assert good
    return raw.tobytes()
