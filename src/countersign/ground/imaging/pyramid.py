"""A slide put together from stored tiles: any rectangle, from the cheapest pixels that suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log2
from threading import Lock
from typing import Protocol

import cv2
import numpy as np

from .errors import SlideTooLarge
from .slide import Associated, Level, Pixels

CLOSE = 0.005
"""Two resolutions that differ by less are one: files round the sizes of their levels."""

BAND = 1 << 24
"""Pixels put together at a time; larger rectangles are made in bands of rows."""

LARGEST = 1 << 29
"""Pixels that one call may ask for."""

ALIKE = 0.02
"""How far the two sides of a level may differ in how much they are shrunk; rounding apart."""

COARSEST = 1 << 27
"""Pixels of the coarsest copy, as small as decoding can make it, for which an overview is made."""


HELD = 24 << 20
"""Bytes of decoded tiles that an open slide keeps for the rectangle beside the last ones."""

LARGE = 64
"""Tiles from which a rectangle is large: what a viewer asks for has far fewer."""


class Stored(Protocol):
    """The tiles of one level, wherever they come from."""

    @property
    def level(self) -> Level: ...

    @property
    def scales(self) -> Sequence[int]:
        """By what a tile can be shrunk while it is decoded; 1 among them."""
        ...

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        """Its pixels, shrunk, sides rounded up; None where nothing is stored. SlideDamaged."""
        ...

    def jpeg(self, column: int, row: int) -> bytes | None:
        """Its bytes, as in ``Slide.stored_tile``."""
        ...


class Edges:
    """Tiles at the edges of the large rectangles put together last: the rectangle beside one
    begins with them. Safe for many threads."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int, int, int], Pixels | None] = {}
        self._bytes = 0
        self._lock = Lock()

    def tile(self, stored: Stored, column: int, row: int, scale: int) -> Pixels | None:
        """As in ``Stored``, decoded anew only where it is not held. Raises SlideDamaged."""
        key = id(stored), column, row, scale
        with self._lock:
            if key in self._held:
                return self._held[key]
        found = stored.tile(column, row, scale)
        with self._lock:
            if key not in self._held:
                self._held[key] = found
                self._bytes += _size(found)
            while self._bytes > HELD:
                self._bytes -= _size(self._held.pop(next(iter(self._held))))
        return found


def _size(pixels: Pixels | None) -> int:
    return 0 if pixels is None else pixels.nbytes


def nothing() -> None:
    """What is to be let go where nothing is held."""


@dataclass(frozen=True)
class Pyramid:
    """A Slide of stored levels, the largest first."""

    format: str
    stored: tuple[Stored, ...]
    mpp: tuple[float, float] | None
    properties: dict[str, str]
    pictures: Mapping[Associated, Callable[[], Pixels]] = field(
        default_factory=dict[Associated, Callable[[], Pixels]]
    )
    letting_go: Callable[[], None] = nothing
    edges: Edges = field(default_factory=Edges)

    @property
    def levels(self) -> tuple[Level, ...]:
        return tuple(one.level for one in self.stored)

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        """As in ``Slide``. A fraction of a source pixel is not moved for: positions that no
        pixel of the chosen level begins at are off by less than one such pixel."""
        if width < 1 or height < 1 or downsample <= 0:
            raise ValueError("a region has a size and a positive downsample")
        size = max(1, round(width / downsample)), max(1, round(height / downsample))
        if size[0] * size[1] > LARGEST:
            raise ValueError("the region is too large to be held at once")
        stored, scale = self._cheapest(downsample)
        step = stored.level.downsample * scale
        if abs(downsample / step - 1) < CLOSE:
            corner = round(x / step), round(y / step)
            return _put_together(stored, scale, corner, size, self.edges)
        return _shrunk(stored, scale, (x / step, y / step), downsample / step, size)

    def _cheapest(self, downsample: float) -> tuple[Stored, int]:
        """The coarsest level that is fine enough, shrunk as far as decoding can: both the bytes
        to read and the coefficients to decode only grow with a finer level."""
        enough = downsample * (1 + CLOSE)
        fitting = [one for one in self.stored if one.level.downsample <= enough]
        chosen = max(fitting or self.stored[:1], key=lambda one: one.level.downsample)
        scales = [one for one in chosen.scales if chosen.level.downsample * one <= enough]
        return chosen, max(scales, default=1)

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return self.stored[level].jpeg(column, row)

    def associated(self, which: Associated) -> Pixels | None:
        picture = self.pictures.get(which)
        return None if picture is None else picture()

    def close(self) -> None:
        self.letting_go()


def alone(stored: Stored) -> Pyramid:
    """One level as a slide of its own, to read a picture beside the tissue."""
    return Pyramid("image", (stored,), None, {})


def times_smaller(base: tuple[int, int], size: tuple[int, int]) -> float | None:
    """How much smaller a copy (width, height) is than the first level; None where it is none.

    Files round the sizes of their levels: where a whole number explains both sides, it is meant.
    """
    wide, high = base[0] / max(size[0], 1), base[1] / max(size[1], 1)
    ratio = (wide + high) / 2
    if not 0 < ratio < 1 << 20:
        return None
    for number in (1 << round(log2(ratio)) if ratio >= 1 else 1, round(ratio)):
        if number >= 2 and all(
            abs(whole / number - part) <= 1 for whole, part in zip(base, size, strict=True)
        ):
            return float(number)
    if wide <= 1.05 or abs(wide / high - 1) > ALIKE:
        return None
    return ratio


def overview_possible(coarsest: Stored) -> None:
    """Raises SlideTooLarge where an overview would have to read too much."""
    pixels = coarsest.level.width * coarsest.level.height
    most = COARSEST * max(coarsest.scales) ** 2
    if pixels > most:
        raise SlideTooLarge(megapixels=pixels // 1_000_000, most=most // 1_000_000)


def _put_together(
    stored: Stored,
    scale: int,
    corner: tuple[int, int],
    size: tuple[int, int],
    edges: Edges | None = None,
) -> Pixels:
    """Pixels of the level, shrunk by ``scale``, from ``corner`` (x, y); white where none is."""
    level = stored.level
    (left, top), (width, height) = corner, size
    wide, high = ceil(level.tile_width / scale), ceil(level.tile_height / scale)
    right = min(left + width, ceil(level.width / scale))
    bottom = min(top + height, ceil(level.height / scale))
    canvas = np.full((height, width, 3), 255, np.uint8)
    if right <= max(left, 0) or bottom <= max(top, 0):
        return canvas
    rows = range(max(top, 0) // high, -(-bottom // high))
    columns = range(max(left, 0) // wide, -(-right // wide))
    rims = (rows[0], rows[-1]), (columns[0], columns[-1])
    held = edges if len(rows) * len(columns) >= LARGE else None
    across = [(column, *_overlap(column * wide, wide, left, right)) for column in columns]
    for row in rows:
        down, lines = _overlap(row * high, high, top, bottom)
        for column, along, within in across:
            if held is not None and (row in rims[0] or column in rims[1]):
                tile = held.tile(stored, column, row, scale)
            else:
                tile = stored.tile(column, row, scale)
            if tile is not None:
                part = tile[lines, within]
                canvas[down, along][: part.shape[0], : part.shape[1]] = part
    return canvas


def _overlap(start: int, side: int, low: int, high: int) -> tuple[slice, slice]:
    """What a tile of ``side`` pixels from ``start`` and pixels from ``low`` to ``high`` have in
    common: where it lies in these, and where in the tile."""
    first, last = max(start, low), min(start + side, high)
    return slice(first - low, last - low), slice(first - start, last - start)


def _shrunk(
    stored: Stored,
    scale: int,
    corner: tuple[float, float],
    ratio: float,
    size: tuple[int, int],
) -> Pixels:
    """The rectangle averaged down (or enlarged) by ``ratio``, in bands of rows."""
    (x, y), (width, height) = corner, size
    way = cv2.INTER_AREA if ratio > 1 else cv2.INTER_LINEAR
    left, right = floor(x), max(ceil(x + width * ratio), floor(x) + 1)
    rows = max(1, floor(BAND / (right - left) / ratio))
    found = np.empty((height, width, 3), np.uint8)
    for first in range(0, height, rows):
        last = min(first + rows, height)
        top = floor(y + first * ratio)
        bottom = max(ceil(y + last * ratio), top + 1)
        source = _put_together(stored, scale, (left, top), (right - left, bottom - top))
        found[first:last] = cv2.resize(source, (width, last - first), interpolation=way)
    return found
