"""What is damaged, hostile or no slide at all ends in a sentence, never in a crash or a hang."""

from __future__ import annotations

import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.imaging import (
    Associated,
    SlideAway,
    SlideDamaged,
    SlideError,
    SlideTooLarge,
    SlideUnknown,
    open_slide,
)
from countersign.ground.imaging.generated import Field
from ground.imaging.hostile import mutated, read_all

FORMATS = (
    "tiff",
    "tiff-2000",
    "tiff-deflate",
    "aperio",
    "aperio-rgb",
    "dicom",
    "dicom-2000",
    "png",
    "jpeg",
    "hamamatsu",
)
CODES = {"read", "imaging.damaged", "imaging.unknown", "imaging.too_large"}


def single(slides: dict[str, Path], name: str) -> Path:
    path = slides[name]
    return path / "level0.dcm" if path.is_dir() else path


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1 << 32))
def test_whatever_is_changed_in_a_file(
    slides: dict[str, Path], tmp_path: Path, name: str, seed: int
) -> None:
    source = single(slides, name)
    path = tmp_path / f"changed{source.suffix}"
    path.write_bytes(mutated(source.read_bytes(), random.Random(seed)))
    assert read_all(path) in CODES


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kept", [0, 1, 4, 9, 140, 600, 0.5, 0.97])
def test_a_file_that_was_cut_short(
    slides: dict[str, Path], tmp_path: Path, name: str, kept: float
) -> None:
    raw = single(slides, name).read_bytes()
    path = tmp_path / f"cut{single(slides, name).suffix}"
    path.write_bytes(raw[: int(kept * len(raw)) if isinstance(kept, float) else kept])
    assert read_all(path) in CODES - {"read"}


def changed(slides: dict[str, Path], tmp_path: Path, tag: int, value: int, page: int = 0) -> Path:
    """A copy of the plain TIFF with one tag's value, or its offset, written over."""
    path = tmp_path / "changed.tif"
    path.write_bytes(slides["tiff"].read_bytes())
    with tifffile.TiffFile(path) as opened:
        found = opened.pages[page].aspage().tags[tag]
        at = found.offset + 12
    with path.open("r+b") as file:
        file.seek(at)
        file.write(struct.pack("<Q", value))
    return path


WIDTH, LENGTH, TILE_WIDTH, TILE_LENGTH, OFFSETS, COUNTS = 256, 257, 322, 323, 324, 325


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (WIDTH, 0),
        (LENGTH, 0),
        (WIDTH, 1 << 31),
        (LENGTH, 0xFFFFFFFF),
        (TILE_WIDTH, 0),
        (TILE_LENGTH, 0),
        (TILE_WIDTH, 1),
        (TILE_WIDTH, 1 << 30),
        (OFFSETS, 1 << 60),
        (COUNTS, 1 << 50),
        (COUNTS, 16),
    ],
)
def test_a_tag_that_lies(slides: dict[str, Path], tmp_path: Path, tag: int, value: int) -> None:
    assert read_all(changed(slides, tmp_path, tag, value)) == "imaging.damaged"


def test_directories_that_go_round_in_a_circle(slides: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    raw = bytearray(slides["tiff"].read_bytes())
    (first,) = struct.unpack("<Q", raw[8:16])
    (count,) = struct.unpack("<Q", raw[first : first + 8])
    raw[first + 8 + 20 * count : first + 16 + 20 * count] = struct.pack("<Q", first)
    path.write_bytes(raw)
    with pytest.raises(SlideDamaged) as refused:
        open_slide(path)
    assert refused.value.details == {"reason": "cyclic"}


def test_a_chain_of_directories_without_end(tmp_path: Path) -> None:
    path = tmp_path / "chain.tif"
    entry = struct.pack("<HHHII", 1, 256, 3, 1, 64)
    size = len(entry) + 4
    chain = b"".join(entry + struct.pack("<I", 8 + size * (n + 1)) for n in range(5000))
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + chain)
    with pytest.raises(SlideDamaged) as refused:
        open_slide(path)
    assert refused.value.details == {"reason": "too-many-directories"}


@pytest.mark.parametrize("side", [0xFFFF, 4096, 255])
def test_a_jpeg_tile_that_says_it_is_larger_than_its_place(
    slides: dict[str, Path], tmp_path: Path, side: int
) -> None:
    """65,535 × 65,535 pixels would ask for twelve gigabytes."""
    path = tmp_path / "bomb.tif"
    raw = bytearray(slides["tiff"].read_bytes())
    frame = raw.index(b"\xff\xc0\x00\x11\x08")
    raw[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    path.write_bytes(raw)
    slide = open_slide(path)
    with pytest.raises(SlideDamaged):
        slide.region(0, 0, 10, 10)
    assert slide.stored_tile(0, 0, 0) is None


def test_a_wavelet_tile_that_says_it_is_larger_than_its_place(
    slides: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "bomb.tif"
    raw = bytearray(slides["tiff-2000"].read_bytes())
    at = raw.index(b"\xff\x4f\xff\x51")
    raw[at + 8 : at + 16] = struct.pack(">II", 1 << 30, 1 << 30)
    path.write_bytes(raw)
    with pytest.raises(SlideDamaged):
        open_slide(path).region(0, 0, 10, 10)


def test_a_packed_tile_that_unpacks_to_more_than_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tif"
    packed = zlib.compress(bytes(64 << 20))
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            iter([packed] * 4),
            shape=(512, 512, 3),
            dtype=np.uint8,
            tile=(256, 256),
            photometric="rgb",
            compression="zlib",
        )
    assert read_all(path) in {"imaging.damaged", "read"}


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_picture_too_large_to_hold(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(60_000, 60_000))
    with pytest.raises(SlideTooLarge) as refused:
        open_slide(path)
    assert "3600 megapixels" in refused.value.sentence()


def test_a_large_slide_without_smaller_copies(tmp_path: Path, field: Field) -> None:
    """An overview of it would read every tile."""
    path = tmp_path / "flat.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            iter([b""] * (60 * 60)),
            shape=(60 * 256, 60 * 256, 3),
            dtype=np.uint8,
            tile=(256, 256),
            photometric="rgb",
        )
    with pytest.raises(SlideTooLarge):
        open_slide(path)


@pytest.mark.parametrize("name", ["missing.svs", "folder", "pipe"])
def test_what_is_not_there_or_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    expected = SlideUnknown if name == "folder" else SlideAway
    with pytest.raises(expected):
        open_slide(tmp_path / name)


@pytest.mark.parametrize("raw", [b"", b"hello", b"%PDF-1.7", b"PK\3\4", bytes(300)])
def test_what_is_no_slide(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "slide.svs"
    path.write_bytes(raw)
    with pytest.raises(SlideUnknown):
        open_slide(path)


def test_a_mirax_index_without_its_folder_is_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "slide.mrxs"
    path.write_bytes(b"")
    with pytest.raises(SlideDamaged) as refused:
        open_slide(path)
    assert refused.value.details == {"reason": "folder-missing"}
    (tmp_path / "slide").mkdir()
    (tmp_path / "slide" / "Slidedat.ini").write_text("[GENERAL]\nSLIDE_VERSION = x\n")
    with pytest.raises((SlideDamaged, SlideUnknown)):
        open_slide(path)


@pytest.mark.parametrize("ending", ["mrxs", "scn", "bif", "ndpi", "svs", "vms", "czi"])
@pytest.mark.parametrize("raw", [b"", b"II*\0", b"II+\0\x08\0\0\0", b"[Virtual", bytes(5000)])
def test_what_only_has_the_name_of_a_slide(tmp_path: Path, ending: str, raw: bytes) -> None:
    path = tmp_path / f"slide.{ending}"
    path.write_bytes(raw)
    with pytest.raises((SlideDamaged, SlideUnknown)) as refused:
        open_slide(path)
    assert refused.value.sentence().endswith(".")


def test_more_than_eight_bits_are_no_brightfield_slide(tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint16), tile=(16, 16))
    with pytest.raises(SlideUnknown):
        open_slide(path)


def test_a_file_that_shrinks_while_it_is_read(slides: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "shrinks.tif"
    path.write_bytes(slides["tiff"].read_bytes())
    slide = open_slide(path)
    os.truncate(path, 200)
    with pytest.raises(SlideDamaged):
        slide.region(0, 0, 500, 500)


def test_a_damaged_label_does_not_keep_the_slide_from_being_read(
    slides: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "label.svs"
    raw = bytearray(slides["aperio"].read_bytes())
    with tifffile.TiffFile(slides["aperio"]) as opened:
        label = next(page for page in opened.pages if "label" in page.aspage().description)
        offset, count = label.dataoffsets[0], label.databytecounts[0]
    raw[offset : offset + count] = bytes(count)
    path.write_bytes(raw)
    slide = open_slide(path)
    assert slide.region(0, 0, 50, 50).shape == (50, 50, 3)
    with pytest.raises(SlideDamaged):
        slide.associated(Associated.LABEL)


def test_every_error_has_a_code_of_its_own_and_no_text_of_the_file() -> None:
    kinds = (SlideAway, SlideUnknown, SlideDamaged, SlideTooLarge, SlideError)
    assert len({kind.code for kind in kinds}) == len(kinds)
