"""What is kept from one tile to the next never shows: neither of streams nor of rectangles."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from countersign.ground.imaging import SlideDamaged, open_slide
from countersign.ground.imaging.generated import Repeated, draw_ihc, write_tiff
from countersign.ground.imaging.jpeg import SCANS, Streams, decoded, joined
from countersign.ground.imaging.pyramid import Pyramid

CHANCE = np.random.default_rng(4)


def stream(width: int, height: int, quality: int = 80) -> bytes:
    pixels = CHANCE.integers(0, 256, (height, width, 3), np.uint8)
    return simplejpeg.encode_jpeg(pixels, quality, "RGB", "420")


@pytest.mark.parametrize("rgb", [False, True])
def test_streams_that_begin_alike_or_otherwise_come_out_as_each_alone(rgb: bool) -> None:
    held = Streams(b"", rgb)
    for one in (stream(64, 64), stream(64, 64), stream(64, 64, 40), stream(64, 64)):
        whole = joined(b"", one, rgb)
        assert held.joined(one) == whole
        assert np.array_equal(held.decoded(one, 64, 64, 4), decoded(whole, 64, 64, 4))
        assert held.joined(one) == whole


def test_a_stream_of_another_size_is_refused_after_many_right_ones() -> None:
    held = Streams(b"", rgb=False)
    for _ in range(3):
        held.decoded(stream(64, 64), 64, 64, 1)
    with pytest.raises(SlideDamaged):
        held.decoded(stream(72, 64), 64, 64, 1)
    with pytest.raises(SlideDamaged):
        held.decoded(stream(64, 64), 72, 64, 1)
    with pytest.raises(SlideDamaged):
        held.decoded(stream(64, 64)[:700], 64, 64, 1)


def progressive(again: int) -> bytes:
    """A picture of 64 × 64 pixels whose last scan comes so many times more."""
    made = io.BytesIO()
    pixels = CHANCE.integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(made, "JPEG", progressive=True)
    found = made.getvalue()
    last = found.rindex(b"\xff\xda")
    return found[:-2] + found[last:-2] * again + b"\xff\xd9"


def test_a_picture_that_repeats_its_scans_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path, held = tmp_path / "scans.jpg", Streams(b"", rgb=False)
    path.write_bytes(progressive(0))
    assert held.decoded(progressive(0), 64, 64, 1).shape == (64, 64, 3)
    assert open_slide(path).levels[0].width == 64
    endless = progressive(SCANS)
    path.write_bytes(endless)
    for decode in (
        lambda: held.decoded(endless, 64, 64, 1),
        lambda: decoded(endless, 64, 64),
        lambda: open_slide(path),
    ):
        with pytest.raises(SlideDamaged) as refused:
            decode()
        assert refused.value.details["reason"] == "scans"


def test_what_a_picture_says_before_its_scans_is_no_scan(tmp_path: Path) -> None:
    path, whole = tmp_path / "profile.jpg", stream(64, 64)
    path.write_bytes(whole[:2] + b"\xff\xe2\x03\xea" + b"\xff\xda" * 500 + whole[2:])
    assert open_slide(path).levels[0].width == 64


def test_rectangles_side_by_side_share_their_edges_and_show_the_same(tmp_path: Path) -> None:
    file = tmp_path / "slide.tif"
    write_tiff(Repeated(draw_ihc(8, 512, 512, 0.5, 0.3, wrap=True), 6144, 4096, 0.9, 1), file)
    read: list[tuple[int, int]] = []

    class Counted:
        def __init__(self, stored) -> None:  # noqa: ANN001
            self.stored, self.level, self.scales = stored, stored.level, stored.scales

        def tile(self, column: int, row: int, scale: int):  # noqa: ANN202
            read.append((column, row))
            return self.stored.tile(column, row, scale)

        def jpeg(self, column: int, row: int) -> bytes | None:
            return self.stored.jpeg(column, row)

    slide = open_slide(file)
    assert isinstance(slide, Pyramid)
    counted = replace(slide, stored=(Counted(slide.stored[0]),))
    places = [(0, 0), (2048, 0), (0, 2048), (2048, 2048)]
    for x, y in places:
        fresh = open_slide(file)
        again = fresh.region(x, y, 2304, 2304, 2.0)
        assert np.array_equal(counted.region(x, y, 2304, 2304, 2.0), again)
        fresh.close()
    slide.close()
    assert len(read) == len(set(read))
