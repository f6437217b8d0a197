"""Writes a sheet as a pyramidal BigTIFF, plainly or as Aperio does, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
import tifffile

from countersign.ground.imaging.slide import Associated, Pixels

from .sheet import SIDE, Sheet, Tile

QUALITY = 80


class Coding(StrEnum):
    """How the tiles are stored."""

    JPEG = "jpeg"
    JPEG_2000 = "jpeg2000"
    DEFLATE = "deflate"


def coded(pixels: Pixels, coding: Coding) -> bytes:
    """A tile's bytes."""
    pixels = np.ascontiguousarray(pixels)
    if coding is Coding.JPEG:
        return simplejpeg.encode_jpeg(pixels, QUALITY, "RGB", "420")
    if coding is Coding.JPEG_2000:
        return bytes(imagecodecs.jpeg2k_encode(pixels, level=38, codecformat="j2k", mct=True))
    return bytes(imagecodecs.zlib_encode(pixels.tobytes(), level=1))


def coded_tiles(tiles: Iterator[Tile], coding: Coding) -> Iterator[bytes]:
    """Each tile's bytes; equal tiles are coded once."""
    known: dict[Hashable, bytes] = {}
    for key, pixels in tiles:
        if key is None:
            yield coded(pixels, coding)
            continue
        if key not in known:
            known[key] = coded(pixels, coding)
        yield known[key]


def write_tiff(
    sheet: Sheet,
    path: Path,
    coding: Coding = Coding.JPEG,
    aperio: bool = False,
    pictures: dict[Associated, Pixels] | None = None,
) -> None:
    """Writes all levels, largest first, then the pictures beside the tissue (Aperio's way: a
    description each). Memory: the distinct tiles of one level, coded."""
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for level in range(len(sheet.sizes)):
            _write_level(writer, sheet, level, coding, aperio)
            if level == 0 and aperio and pictures and Associated.THUMBNAIL in pictures:
                _write_picture(writer, sheet, Associated.THUMBNAIL, pictures)
        for which in (Associated.LABEL, Associated.MACRO):
            if pictures and which in pictures:
                _write_picture(writer, sheet, which, pictures)


def _write_level(
    writer: tifffile.TiffWriter, sheet: Sheet, level: int, coding: Coding, aperio: bool
) -> None:
    width, height = sheet.sizes[level]
    step = sheet.mpp * sheet.downsamples[level]
    options: dict[Any, Callable[[], dict[str, Any]]] = {
        Coding.JPEG: lambda: {
            "photometric": "ycbcr",
            "compression": "jpeg",
            "subsampling": (2, 2),
        },
        Coding.JPEG_2000: lambda: {"photometric": "rgb", "compression": 34712},
        Coding.DEFLATE: lambda: {"photometric": "rgb", "compression": "zlib"},
    }
    writer.write(
        coded_tiles(sheet.tiles(level), coding),
        shape=(height, width, 3),
        dtype=np.uint8,
        tile=(SIDE, SIDE),
        subfiletype=0 if level == 0 or aperio else 1,
        resolution=(1e4 / step, 1e4 / step),
        resolutionunit="CENTIMETER",
        description=_description(sheet, level, coding) if aperio else None,
        metadata=None,
        software="Countersign generated slides",
        **options[coding](),
    )


def _description(sheet: Sheet, level: int, coding: Coding) -> str:
    (width, height), (wide, high) = sheet.sizes[0], sheet.sizes[level]
    power = 40 if sheet.mpp < 0.4 else 20
    smaller = "" if level == 0 else f" -> {wide}x{high}"
    words = "JPEG/RGB Q=80" if coding is Coding.JPEG else "J2K/YUV16 Q=70"
    return (
        f"Aperio Image Library v12.0.15 \r\n{width}x{height} [0,0 {width}x{height}] "
        f"({SIDE}x{SIDE}){smaller} {words}|AppMag = {power}|MPP = {sheet.mpp:g}"
        "|ScanScope ID = GENERATED|Date = 01/02/26|Time = 09:00:00"
    )


def _write_picture(
    writer: tifffile.TiffWriter,
    sheet: Sheet,
    which: Associated,
    pictures: dict[Associated, Pixels],
) -> None:
    pixels = pictures[which]
    height, width = pixels.shape[:2]
    (wide, high) = sheet.sizes[0]
    words = (
        f"{wide}x{high} -> {width}x{height} - "
        if which is Associated.THUMBNAIL
        else f"{which.value} {width}x{height}"
    )
    writer.write(
        pixels,
        photometric="rgb",
        compression="lzw",
        predictor=2,
        rowsperstrip=64,
        subfiletype={"label": 1, "macro": 9}.get(which.value, 0),
        description=f"Aperio Image Library v12.0.15 \r\n{words}",
        metadata=None,
    )
