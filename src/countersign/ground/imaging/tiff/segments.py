"""The tiles, or strips, of one directory of a TIFF: where they lie and how they become pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging.errors import SlideDamaged, SlideUnknown
from countersign.ground.imaging.jpeg import SCALES, Streams, frame_of
from countersign.ground.imaging.jpeg2000 import decoded_2000
from countersign.ground.imaging.reading import File
from countersign.ground.imaging.slide import Level, Pixels

JPEG, RGB, YCBCR, GREY, GREY_INVERTED, PALETTE = 7, 2, 6, 1, 0, 3
JPEG_2000 = {33003: True, 33005: False, 34712: False}
"""Compressions of JPEG 2000, and whether the components are YCbCr that the stream is silent of."""

PACKED = {1, 5, 8, 32773, 32946, 50000}
"""None, LZW, deflate, PackBits, Zstandard: unpacked into a tile's size and no further."""

LARGEST_TILE = 1 << 26
"""Pixels of one tile or strip."""


@dataclass(frozen=True)
class Segments:
    """``page`` is tifffile's; everything else of it is read once, when the slide is opened."""

    file: File
    level: Level
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    columns: int
    rows: int
    compression: int
    photometric: int
    streams: Streams
    unpack: Callable[..., Any]
    tiled: bool

    @property
    def scales(self) -> Sequence[int]:
        if self.compression != JPEG and self.compression not in JPEG_2000:
            return (1,)
        level = self.level
        return tuple(
            scale
            for scale in SCALES
            if (self.columns == 1 or level.tile_width % scale == 0)
            and (self.rows == 1 or level.tile_height % scale == 0)
        )

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        number = row * self.columns + column
        raw = self._raw(column, row)
        if raw is None:
            return None
        width, height = self._size(row)
        if self.compression == JPEG:
            return self.streams.decoded(raw, width, height, scale)
        if self.compression in JPEG_2000:
            return decoded_2000(raw, width, height, scale, JPEG_2000[self.compression])
        return self._unpacked(raw, number)

    def jpeg(self, column: int, row: int) -> bytes | None:
        if self.compression != JPEG or not self.tiled:
            return None
        raw = self._raw(column, row)
        if raw is None:
            return None
        frame = frame_of(raw)
        whole = (frame.width, frame.height) == self._size(row)
        return self.streams.joined(raw) if frame.shown and whole else None

    def _size(self, row: int) -> tuple[int, int]:
        """What a segment must measure: tiles are always whole, the last strip is not."""
        level = self.level
        if self.tiled:
            return level.tile_width, level.tile_height
        return level.width, min(level.tile_height, level.height - row * level.tile_height)

    def _raw(self, column: int, row: int) -> bytes | None:
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        number = row * self.columns + column
        count = int(self.counts[number])
        return self.file.read(int(self.offsets[number]), count) if count else None

    def _unpacked(self, raw: bytes, number: int) -> Pixels:
        try:
            found, _, shape = self.unpack(raw, number, _fullsize=self.tiled)
        except Exception as why:  # noqa: BLE001 - codecs raise errors of their own, without a root
            raise SlideDamaged(reason="tile") from why
        if found is None:
            raise SlideDamaged(reason="tile")
        return in_colour(found.reshape(shape[1:]), self.photometric == GREY_INVERTED)


def in_colour(pixels: NDArray[Any], inverted: bool = False) -> Pixels:
    """Grey repeated, transparency dropped. Raises SlideUnknown for what is no 8-bit picture."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4):
        raise SlideUnknown(reason="samples")
    if pixels.shape[2] < 3:
        grey = pixels[:, :, :1]
        return np.repeat(255 - grey if inverted else grey, 3, axis=2)
    return pixels[:, :, :3]


def segments_of(file: File, page: Any, downsample: float) -> Segments:
    """Reads what a page of tifffile says. Raises SlideDamaged, SlideUnknown."""
    width, height = int(page.imagewidth), int(page.imagelength)
    tiled = bool(page.is_tiled)
    tile_width = int(page.tilewidth) if tiled else width
    tile_height = int(page.tilelength) if tiled else min(int(page.rowsperstrip), height)
    if min(width, height, tile_width, tile_height) < 1:
        raise SlideDamaged(reason="no-size")
    if tile_width * tile_height > LARGEST_TILE:
        raise SlideDamaged(reason="tile-size")
    _readable(page)
    columns, rows = -(-width // tile_width), -(-height // tile_height)
    offsets, counts = _places(page.dataoffsets), _places(page.databytecounts)
    if len(offsets) < columns * rows or len(counts) < columns * rows:
        raise SlideDamaged(reason="tiles-missing")
    return Segments(
        file=file,
        level=Level(width, height, downsample, tile_width, tile_height),
        offsets=offsets,
        counts=counts,
        columns=columns,
        rows=rows,
        compression=int(page.compression),
        photometric=int(page.photometric),
        streams=Streams(bytes(page.jpegtables or b""), rgb=int(page.photometric) == RGB),
        unpack=page.decode,
        tiled=tiled,
    )


def _readable(page: Any) -> None:
    compression, photometric = int(page.compression), int(page.photometric)
    known = compression == JPEG or compression in JPEG_2000 or compression in PACKED
    colours = {RGB, GREY, GREY_INVERTED}
    if compression not in PACKED:
        colours |= {YCBCR}
    if (
        not known
        or photometric not in colours
        or int(page.bitspersample) != 8
        or int(page.samplesperpixel) not in (1, 2, 3, 4)
        or (int(page.planarconfig) != 1 and int(page.samplesperpixel) > 1)
        or int(page.imagedepth) != 1
    ):
        raise SlideUnknown(reason="layout")


def _places(values: Sequence[int]) -> NDArray[np.int64]:
    try:
        return np.asarray(values, dtype=np.int64)
    except (OverflowError, ValueError, TypeError) as why:
        raise SlideDamaged(reason="offsets") from why
