"""What is measured on a slide, in the shape in which every part hands it on."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class NucleusType(IntEnum):
    """What kind of cell a nucleus belongs to."""

    UNTYPED = 0
    TUMOUR = 1
    INFLAMMATORY = 2
    STROMAL = 3
    EPITHELIAL = 4
    OTHER = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle to measure, in level-0 pixels. Nuclei count where their centre lies in it;
    ``margin`` more pixels on each side are read, so that none is cut."""

    number: int
    x: int
    y: int
    width: int
    height: int
    margin: int


@dataclass(frozen=True, slots=True)
class Nuclei:
    """Nuclei as columns of one length, in the order of their tiles.

    ``x``, ``y`` float32 centre in level-0 pixels; ``area`` float32 in µm²; ``stain`` float32 mean
    optical density of the second stain (DAB, else eosin) over the nucleus; ``haematoxylin``
    float32 likewise of the first; ``tumour`` float32 probability in [0, 1] that it is a tumour's;
    ``type`` uint8, a NucleusType; ``score`` float32 in [0, 1], how sure the detection is.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    area: NDArray[np.float32]
    stain: NDArray[np.float32]
    haematoxylin: NDArray[np.float32]
    tumour: NDArray[np.float32]
    type: NDArray[np.uint8]
    score: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def none(cls) -> Nuclei:
        """No nucleus at all."""
        number = np.zeros(0, np.float32)
        kind = np.zeros(0, np.uint8)
        return cls(number, number, number, number, number, number, kind, number)

    @classmethod
    def joined(cls, parts: list[Nuclei]) -> Nuclei:
        """All of them, in the order given."""
        if not parts:
            return cls.none()
        return cls(
            **{
                one.name: np.concatenate([getattr(part, one.name) for part in parts])
                for one in fields(cls)
            }
        )


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed outline: level-0 pixels, shape (n, 2), float32; the first point is not repeated."""

    points: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """An area with a name and an outline with holes. ``kind`` is one of ``tissue``, ``tumour``,
    ``stroma``, ``gland``, ``necrosis``, ``front``, ``hotspot``, ``fold``, ``pen``, ``blur``,
    ``drawn``, ``excluded``; ``drawn_by`` is the person who drew it, None for a program."""

    kind: str
    outline: Ring
    holes: tuple[Ring, ...] = ()
    name: str = ""
    drawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What was seen on the overview, before any tile is measured.

    ``kept`` is what the analysis needs again for each tile: numbers and texts only (JSON), such
    as the white point (RGB 0–255) and the stain vectors (rows of optical densities). It decides,
    with the slide's pixels, everything that ``measure`` gives.
    """

    analysis: str
    version: str
    mpp: float
    tiles: tuple[Tile, ...]
    tissue: tuple[Region, ...]
    artefacts: tuple[Region, ...]
    kept: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Findings:
    """What the whole slide says: figures by name, regions, what limits the answer.

    ``figures`` holds numbers, texts and lists of them (JSON); ``limits`` are codes with their
    values, which the pages put into words (``few-tumour-cells``, ``stain-out-of-range``, …);
    ``second`` is the opinion of another method on the same figure, by name.
    """

    figures: dict[str, Any]
    regions: tuple[Region, ...]
    limits: tuple[dict[str, Any], ...]
    second: dict[str, Any]
