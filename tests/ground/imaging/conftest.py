"""Small slides of every format, drawn once for the run."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from countersign.ground.imaging import Associated, Pixels
from countersign.ground.imaging.generated import (
    Coding,
    Field,
    Picture,
    draw_ihc,
    write_dicom,
    write_tiff,
)
from ground.imaging.hamamatsu import write_ndpi

WIDTH, HEIGHT, MPP = 700, 530, 0.5


@pytest.fixture(scope="session")
def field() -> Field:
    """A field whose sides are no whole number of tiles."""
    return draw_ihc(5, WIDTH, HEIGHT, MPP, 0.3)


@pytest.fixture(scope="session")
def beside() -> dict[Associated, Pixels]:
    return {
        Associated.LABEL: np.full((60, 90, 3), (250, 240, 10), np.uint8),
        Associated.MACRO: np.full((70, 200, 3), (200, 100, 50), np.uint8),
        Associated.THUMBNAIL: np.full((53, 70, 3), (10, 100, 200), np.uint8),
    }


@pytest.fixture(scope="session")
def slides(
    tmp_path_factory: pytest.TempPathFactory, field: Field, beside: dict[Associated, Pixels]
) -> dict[str, Path]:
    """By format; ``dicom`` and ``dicom-2000`` are folders. All show ``field``."""
    folder = tmp_path_factory.mktemp("slides")
    sheet = Picture(field.pixels, MPP, (1, 4))
    found = {
        "tiff": folder / "plain.tif",
        "tiff-2000": folder / "wavelets.tif",
        "tiff-deflate": folder / "packed.tif",
        "aperio": folder / "scanned.svs",
        "aperio-rgb": folder / "colours.svs",
        "dicom": folder / "dicom",
        "dicom-2000": folder / "dicom-2000",
        "png": folder / "plain.png",
        "jpeg": folder / "plain.jpg",
        "hamamatsu": folder / "scanned.ndpi",
    }
    write_tiff(sheet, found["tiff"])
    write_tiff(sheet, found["tiff-2000"], Coding.JPEG_2000)
    write_tiff(sheet, found["tiff-deflate"], Coding.DEFLATE)
    write_tiff(sheet, found["aperio"], aperio=True, pictures=beside)
    write_rgb(sheet, found["aperio-rgb"])
    for name, coding, extended in (
        ("dicom", Coding.JPEG, True),
        ("dicom-2000", Coding.JPEG_2000, False),
    ):
        found[name].mkdir()
        write_dicom(sheet, found[name], 7, coding, extended)
    Image.fromarray(field.pixels).save(found["png"])
    Image.fromarray(field.pixels).save(found["jpeg"], quality=92)
    write_ndpi(field.pixels, found["hamamatsu"])
    return found


def write_rgb(sheet: Picture, path: Path) -> None:
    """As scanners of Aperio do: RGB inside the JPEG, no marker, tables apart from the tiles."""
    parted = [tables_apart(rgb(pixels)) for _, pixels in sheet.tiles(0)]
    assert len({tables for tables, _ in parted}) == 1
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            iter(stream for _, stream in parted),
            shape=(HEIGHT, WIDTH, 3),
            dtype=np.uint8,
            tile=(256, 256),
            photometric="rgb",
            compression="jpeg",
            compressionargs={"outcolorspace": "rgb"},
            description="Aperio Image Library v11.2.1 \r\n|AppMag = 20|MPP = 0.5000",
            metadata=None,
            extratags=[(347, 7, len(parted[0][0]), parted[0][0], True)],
        )


def rgb(pixels: Pixels) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=90, keep_rgb=True)
    return stream.getvalue()


def tables_apart(stream: bytes) -> tuple[bytes, bytes]:
    """Tables and the stream without them; components numbered, no marker that tells colours."""
    tables, rest, at = b"", b"", 2
    while stream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        segment = stream[at:end]
        if segment[1] in (0xDB, 0xC4):
            tables += segment
        elif segment[1] == 0xC0:
            rest += numbered(segment, (10, 13, 16))
        elif segment[1] not in (0xE0, 0xEE):
            rest += segment
        at = end
    scan = numbered(stream[at:], (5, 7, 9))
    return b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + rest + scan


def numbered(segment: bytes, places: tuple[int, ...]) -> bytes:
    changed = bytearray(segment)
    for number, place in enumerate(places, start=1):
        changed[place] = number
    return bytes(changed)
