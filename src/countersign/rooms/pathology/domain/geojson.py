"""Regions and nuclei as GeoJSON that QuPath 0.4 and later import as objects of their own.

Coordinates are level-0 pixels from the upper left corner, as QuPath expects them; object type,
classification and measurements stand in ``properties`` under the names that its reader knows
(PathObjectTypeAdapters of QuPath: ``objectType``, ``classification``, ``isLocked``,
``measurements``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countersign.kit.json import JSON, encode

from .measured import Nuclei, NucleusType, Region, Ring

CLASSES: Final[dict[str, tuple[str, tuple[int, int, int]]]] = {
    "tissue": ("Tissue", (10, 90, 102)),
    "tumour": ("Tumor", (163, 19, 31)),
    "stroma": ("Stroma", (23, 100, 58)),
    "gland": ("Gland", (86, 58, 150)),
    "necrosis": ("Necrosis", (61, 61, 61)),
    "front": ("Invasive front", (138, 56, 0)),
    "hotspot": ("Hotspot", (192, 38, 211)),
    "fold": ("Fold", (255, 210, 0)),
    "pen": ("Pen", (0, 120, 255)),
    "blur": ("Blur", (160, 160, 160)),
    "drawn": ("Region", (10, 90, 102)),
    "excluded": ("Ignore*", (0, 0, 0)),
}
"""The names of QuPath's own classes where it has one."""

NEGATIVE: Final = ("Tumor: Negative", (43, 108, 196))
GRADES: Final = (
    NEGATIVE,
    ("Tumor: 1+", (214, 168, 0)),
    ("Tumor: 2+", (224, 96, 0)),
    ("Tumor: 3+", (163, 19, 31)),
)
OTHER: Final = ("Other", (84, 112, 98))
TYPES: Final[dict[int, tuple[str, tuple[int, int, int]]]] = {
    NucleusType.TUMOUR: ("Tumor", (163, 19, 31)),
    NucleusType.INFLAMMATORY: ("Immune cells", (43, 108, 196)),
    NucleusType.STROMAL: ("Stroma", (23, 100, 58)),
    NucleusType.EPITHELIAL: ("Epithelium", (224, 96, 0)),
    NucleusType.OTHER: OTHER,
}
CORNERS: Final = 8


def written(
    regions: Iterable[Region],
    nuclei: Nuclei | None,
    kinds: NDArray[np.uint8] | None,
    mpp: tuple[float, float],
) -> Iterator[bytes]:
    """A FeatureCollection in pieces: regions as annotations, then nuclei as detections.

    ``kinds`` holds for each nucleus its grade 0 to 3, or 4 and more for what does not count; None
    where nuclei are named by their type. A nucleus is drawn as an octagon of its own area. ``mpp``
    are micrometres of a level-0 pixel.
    """
    yield b'{"type":"FeatureCollection","features":['
    first = True
    for region in regions:
        yield (b"" if first else b",") + encode(annotation(region))
        first = False
    if nuclei is not None:
        around = _circle()
        for at in range(len(nuclei)):
            yield (b"" if first else b",") + encode(_detection(nuclei, kinds, at, around, mpp))
            first = False
    yield b"]}"


def annotation(region: Region) -> JSON:
    """One region as a feature."""
    name, colour = CLASSES.get(region.kind, (region.kind, (0, 0, 0)))
    properties: JSON = {
        "objectType": "annotation",
        "classification": {"name": name, "color": list(colour)},
        "isLocked": region.drawn_by is None,
    }
    if region.name:
        properties["name"] = region.name
    rings = [_closed(region.outline), *(_closed(hole) for hole in region.holes)]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": rings},
        "properties": properties,
    }


def _closed(ring: Ring) -> list[list[float]]:
    """The first point comes again at the end, as RFC 7946 wants it (3.1.6)."""
    points = [[round(float(x), 2), round(float(y), 2)] for x, y in ring.points]
    return [*points, points[0]] if points and points[0] != points[-1] else points


def _detection(
    nuclei: Nuclei,
    kinds: NDArray[np.uint8] | None,
    at: int,
    around: NDArray[np.float64],
    mpp: tuple[float, float],
) -> JSON:
    # An octagon of radius r has the area 2√2·r².
    radius = float(np.sqrt(max(float(nuclei.area[at]), 1.0) / (2 * np.sqrt(2))))
    x, y = float(nuclei.x[at]), float(nuclei.y[at])
    ring: list[Sequence[float]] = [
        [round(x + radius * float(a) / mpp[0], 2), round(y + radius * float(b) / mpp[1], 2)]
        for a, b in around
    ]
    name, colour = _named(nuclei, kinds, at)
    measured: dict[str, Any] = {
        "Nucleus: Area µm^2": round(float(nuclei.area[at]), 2),
        "Nucleus: Hematoxylin OD mean": round(float(nuclei.haematoxylin[at]), 4),
        "Nucleus: DAB OD mean" if kinds is not None else "Nucleus: Eosin OD mean": round(
            float(nuclei.stain[at]), 4
        ),
        "Tumor probability": round(float(nuclei.tumour[at]), 4),
        "Detection probability": round(float(nuclei.score[at]), 4),
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {
            "objectType": "detection",
            "classification": {"name": name, "color": list(colour)},
            "measurements": [{"name": key, "value": value} for key, value in measured.items()],
        },
    }


def _named(
    nuclei: Nuclei, kinds: NDArray[np.uint8] | None, at: int
) -> tuple[str, tuple[int, int, int]]:
    if kinds is None:
        return TYPES.get(int(nuclei.type[at]), OTHER)
    kind = int(kinds[at])
    return GRADES[kind] if kind < len(GRADES) else OTHER


def _circle() -> NDArray[np.float64]:
    angles = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
