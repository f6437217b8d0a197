"""Pictures for a report: the whole slide with its regions, and the hotspot with every nucleus."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from countersign.ground.imaging import Pixels, Slide
from countersign.kit.words import Words
from countersign.rooms.pathology.domain.measured import Region

from .reporting import Sight

LONGEST: Final = 1000
"""Pixels of a picture's longer side."""

CLOSE: Final = 800.0
"""Micrometres of a close picture's longer side, at most."""

MOST_MARKS: Final = 6000
QUALITY: Final = 85
COLOURS: Final = {
    "tissue": "#0a5a66",
    "tumour": "#a3131f",
    "hotspot": "#c026d3",
    "drawn": "#0a5a66",
    "excluded": "#111111",
    "gland": "#563a96",
    "front": "#8a3800",
    "stroma": "#17643a",
}
KINDS: Final = ("#2b6cc4", "#d6a800", "#e06000", "#a3131f", "#547062", "#788086")
TYPES: Final = ("#788086", "#a3131f", "#2b6cc4", "#17643a", "#e06000", "#563a96")
AREAS: Final = {
    "tissue": Words("tissue", "组织"),
    "tumour": Words("tumour", "肿瘤"),
    "hotspot": Words("hotspot", "热点区"),
    "drawn": Words("drawn by hand", "人工勾画"),
    "excluded": Words("left out", "排除"),
    "gland": Words("gland", "腺体"),
    "front": Words("invasive front", "浸润前缘"),
    "stroma": Words("stroma", "间质"),
}
COUNTED: Final = (
    *(Words("negative", "阴性"), Words("1+", "1+"), Words("2+", "2+"), Words("3+", "3+")),
    *(Words("not tumour", "非肿瘤"), Words("does not count", "不计")),
)
CELLS: Final = (
    *(Words("untyped", "未分型"), Words("tumour cell", "肿瘤细胞")),
    *(Words("inflammatory cell", "炎症细胞"), Words("stromal cell", "间质细胞")),
    *(Words("epithelial cell", "上皮细胞"), Words("other cell", "其他细胞")),
)


@dataclass(frozen=True, slots=True)
class Outline:
    """Rings in pixels of the picture."""

    colour: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG with what is drawn over it, in its own pixels; ``marks`` are x, y, radius, colour;
    ``bar`` is a length in pixels with what it stands for, None where that is not known; ``key``
    says what each colour that occurs stands for."""

    title: Words
    jpeg: bytes
    width: int
    height: int
    outlines: tuple[Outline, ...]
    marks: tuple[tuple[float, float, float, str], ...]
    bar: tuple[float, str] | None
    key: tuple[tuple[str, Words], ...] = ()

    @property
    def address(self) -> str:
        """The JPEG within a page."""
        return f"data:image/jpeg;base64,{b64encode(self.jpeg).decode()}"


def pictures(seen: Sight, slide: Slide) -> list[Picture]:
    """The overview, then the hotspot or the first tumour region, close. Raises SlideDamaged."""
    base = slide.levels[0]
    whole = _taken(slide, (0, 0, base.width, base.height))
    found = [
        _picture(Words("The slide", "切片全貌"), whole, slide, _drawn(seen.regions, whole[1]), ())
    ]
    found[0] = replace(found[0], key=_areas(seen.regions))
    close = next(
        (one for kind in ("hotspot", "tumour") for one in seen.regions if one.kind == kind), None
    )
    if close is not None:
        place = _around(close, slide)
        taken = _taken(slide, place)
        title = (
            Words("Hotspot, every nucleus", "热点区及全部细胞核")
            if close.kind == "hotspot"
            else Words("Within the tumour, every nucleus", "肿瘤区域内及全部细胞核")
        )
        marks = tuple(_marks(seen, slide, place, taken[1][2]))
        made = _picture(title, taken, slide, _drawn([close], taken[1]), marks)
        found.append(replace(made, key=(*_areas([close]), *_nuclei(seen, marks))))
    return found


def _areas(regions: Sequence[Region]) -> tuple[tuple[str, Words], ...]:
    kinds = {one.kind for one in regions}
    return tuple((COLOURS[kind], words) for kind, words in AREAS.items() if kind in kinds)


def _nuclei(
    seen: Sight, marks: Sequence[tuple[float, float, float, str]]
) -> tuple[tuple[str, Words], ...]:
    shown = {colour for *_, colour in marks}
    colours, words = (KINDS, COUNTED) if seen.counted else (TYPES, CELLS)
    return tuple(one for one in zip(colours, words, strict=True) if one[0] in shown)


_Frame = tuple[float, float, float]
"""Left, top and how many level-0 pixels a pixel of the picture stands for."""


def _taken(slide: Slide, place: tuple[int, int, int, int]) -> tuple[Pixels, _Frame]:
    left, top, width, height = place
    downsample = max(1.0, max(width, height) / LONGEST)
    return slide.region(left, top, width, height, downsample), (left, top, downsample)


def _picture(
    title: Words,
    taken: tuple[Pixels, _Frame],
    slide: Slide,
    outlines: Iterable[Outline],
    marks: tuple[tuple[float, float, float, str], ...],
) -> Picture:
    pixels, frame = taken
    height, width = pixels.shape[:2]
    return Picture(
        title, as_jpeg(pixels), width, height, tuple(outlines), marks,
        _bar(slide, frame[2], width),
    )  # fmt: skip


def as_jpeg(pixels: Pixels) -> bytes:
    """Pixels as a JPEG."""
    swapped = np.ascontiguousarray(pixels[:, :, ::-1])
    good, written = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert good  # noqa: S101 - eight bits and three channels are always written
    return written.tobytes()


def _bar(slide: Slide, downsample: float, width: int) -> tuple[float, str] | None:
    if slide.mpp is None:
        return None
    across = slide.mpp[0] * downsample
    most = across * width / 5
    ten = 10 ** np.floor(np.log10(most))
    length = float(next(part * ten for part in (5, 2, 1) if part * ten <= most))
    said = f"{length:g} µm" if length < 1000 else f"{length / 1000:g} mm"
    return length / across, said


def _around(region: Region, slide: Slide) -> tuple[int, int, int, int]:
    """The region, or its middle where it is too large to see nuclei."""
    low, high = region.outline.points.min(0), region.outline.points.max(0)
    most = CLOSE / (slide.mpp[0] if slide.mpp else 0.5)
    size = np.minimum((high - low) * 1.1, most)
    corner = (low + high) / 2 - size / 2
    base = slide.levels[0]
    width, height = min(max(16, int(size[0])), base.width), min(max(16, int(size[1])), base.height)
    left = min(max(0, int(corner[0])), base.width - width)
    top = min(max(0, int(corner[1])), base.height - height)
    return left, top, width, height


def _drawn(regions: Sequence[Region], frame: _Frame) -> list[Outline]:
    left, top, downsample = frame
    found: list[Outline] = []
    for one in regions:
        if one.kind in COLOURS:
            rings = tuple(
                tuple(((float(x) - left) / downsample, (float(y) - top) / downsample) for x, y in r)
                for r in (one.outline.points, *(hole.points for hole in one.holes))
            )
            found.append(Outline(COLOURS[one.kind], rings))
    return found


def _marks(
    seen: Sight, slide: Slide, place: tuple[int, int, int, int], downsample: float
) -> Iterable[tuple[float, float, float, str]]:
    left, top, width, height = place
    nuclei = seen.nuclei
    here = np.flatnonzero(
        (nuclei.x >= left)
        & (nuclei.x < left + width)
        & (nuclei.y >= top)
        & (nuclei.y < top + height)
    )
    kinds = seen.counted.kinds if seen.counted else nuclei.type
    colours = KINDS if seen.counted else TYPES
    across = slide.mpp[0] if slide.mpp else 0.5
    for at in here[:MOST_MARKS]:
        radius = float(np.sqrt(max(float(nuclei.area[at]), 1.0) / np.pi)) / across / downsample
        yield (
            (float(nuclei.x[at]) - left) / downsample,
            (float(nuclei.y[at]) - top) / downsample,
            radius,
            colours[min(int(kinds[at]), len(colours) - 1)],
        )
