"""The tiles of one level of a DICOM slide: which frame of which instance, and its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging.errors import SlideDamaged, SlideUnknown
from countersign.ground.imaging.jpeg import SCALES, Streams, frame_of, joined
from countersign.ground.imaging.jpeg2000 import decoded_2000
from countersign.ground.imaging.slide import Level, Pixels

from .instance import JPEG, JPEG_2000, NATIVE, Instance

COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "MONOCHROME1", "MONOCHROME2"}


@dataclass(frozen=True)
class Frames:
    """``places[row, column]`` is the number of the frame among all of ``parts``; −1 for none."""

    parts: tuple[Instance, ...]
    firsts: tuple[int, ...]
    level: Level
    places: NDArray[np.int64]
    streams: Streams

    @property
    def scales(self) -> Sequence[int]:
        if self.parts[0].syntax not in JPEG | JPEG_2000:
            return (1,)
        rows, columns = self.places.shape
        level = self.level
        return tuple(
            scale
            for scale in SCALES
            if (columns == 1 or level.tile_width % scale == 0)
            and (rows == 1 or level.tile_height % scale == 0)
        )

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        found = self._raw(column, row)
        if found is None:
            return None
        raw, part = found
        width, height = part.tile
        colours = str(part.header.PhotometricInterpretation)
        if part.syntax in JPEG:
            pixels = self.streams.decoded(raw, width, height, scale)
        elif part.syntax in JPEG_2000:
            pixels = decoded_2000(raw, width, height, scale, colours == "YBR_FULL")
        else:
            pixels = _unpacked(raw, part, colours)
        return 255 - pixels if colours == "MONOCHROME1" else pixels

    def jpeg(self, column: int, row: int) -> bytes | None:
        if self.parts[0].syntax not in JPEG:
            return None
        found = self._raw(column, row)
        if found is None:
            return None
        raw, part = found
        frame = frame_of(raw)
        colours = str(part.header.PhotometricInterpretation)
        if not frame.shown or (frame.width, frame.height) != part.tile or colours == "MONOCHROME1":
            return None
        return joined(b"", raw, colours == "RGB")

    def _raw(self, column: int, row: int) -> tuple[bytes, Instance] | None:
        rows, columns = self.places.shape
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        number = int(self.places[row, column])
        if number < 0:
            return None
        for part, first in zip(self.parts, self.firsts, strict=True):
            if first <= number < first + part.count:
                return part.frame(number - first), part
        return None


def _unpacked(raw: bytes, part: Instance, colours: str) -> Pixels:
    width, height = part.tile
    samples = int(part.header.SamplesPerPixel)
    if part.syntax in NATIVE:
        planes = int(part.header.get("PlanarConfiguration", 0) or 0)
        found = np.frombuffer(raw, np.uint8)
        found = (
            found.reshape(samples, height, width).transpose(1, 2, 0)
            if planes
            else found.reshape(height, width, samples)
        )
    else:
        found = _lossless(raw, width, height, samples)
    if samples == 1:
        return np.repeat(found, 3, axis=2)
    if colours == "YBR_FULL":
        ycc = np.ascontiguousarray(found[:, :, (0, 2, 1)])
        return np.asarray(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB), np.uint8)
    return found


def _lossless(raw: bytes, width: int, height: int, samples: int) -> Pixels:
    """JPEG-LS, after its own frame header says the same size (ITU-T T.87, C.2.2)."""
    at = raw.find(b"\xff\xf7")
    said = raw[at + 5 : at + 10]
    if at < 0 or said != height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes([samples]):
        raise SlideDamaged(reason="tile-size")
    try:
        found = np.asarray(imagecodecs.jpegls_decode(raw))
    except Exception as why:  # noqa: BLE001 - codecs raise errors of their own, without a root
        raise SlideDamaged(reason="tile") from why
    if found.dtype != np.uint8 or found.size != width * height * samples:
        raise SlideDamaged(reason="tile")
    return found.reshape(height, width, samples)


def frames_of(parts: Sequence[Instance], downsample: float) -> Frames:
    """One level of one or several instances. Raises SlideUnknown, SlideDamaged."""
    ordered = sorted(
        parts, key=lambda one: int(one.header.get("ConcatenationFrameOffsetNumber", 0) or 0)
    )
    base = ordered[0]
    colours = str(base.header.PhotometricInterpretation)
    if colours not in COLOURS or any(
        (one.tile, one.syntax, str(one.header.PhotometricInterpretation))
        != (base.tile, base.syntax, colours)
        for one in ordered
    ):
        raise SlideUnknown(reason="layout")
    (width, height), (wide, high) = base.size, base.tile
    shape = -(-height // high), -(-width // wide)
    counts = [one.count for one in ordered]
    firsts = tuple(int(first) for first in np.cumsum([0, *counts[:-1]]))
    if shape[0] * shape[1] > max(64 * sum(counts), 1 << 16):
        raise SlideDamaged(reason="frames-missing")
    places = _places(ordered, firsts, shape)
    level = Level(width, height, downsample, wide, high)
    return Frames(tuple(ordered), firsts, level, places, Streams(b"", colours == "RGB"))


def _places(
    parts: Sequence[Instance], firsts: Sequence[int], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Of several focal planes and optical paths the first of each (PS3.3, C.7.6.17.3)."""
    kind = str(parts[0].header.get("DimensionOrganizationType", ""))
    total = sum(one.count for one in parts)
    cells = shape[0] * shape[1]
    if kind == "TILED_FULL" or "PerFrameFunctionalGroupsSequence" not in parts[0].header:
        if total < cells:
            raise SlideDamaged(reason="frames-missing")
        return np.arange(cells, dtype=np.int64).reshape(shape)
    found = np.full(shape, -1, np.int64)
    for part, first in zip(parts, firsts, strict=True):
        wide, high = part.tile
        for number, group in enumerate(part.header.PerFrameFunctionalGroupsSequence):
            column, row = _corner(group)
            column, row = (column - 1) // wide, (row - 1) // high
            if 0 <= row < shape[0] and 0 <= column < shape[1] and found[row, column] < 0:
                found[row, column] = first + number
    return found


def _corner(group: Any) -> tuple[int, int]:
    place = group.PlanePositionSlideSequence[0]
    return (
        int(place.ColumnPositionInTotalImagePixelMatrix),
        int(place.RowPositionInTotalImagePixelMatrix),
    )
