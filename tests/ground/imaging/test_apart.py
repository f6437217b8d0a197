"""Slides decoded apart are the same slides; what ends a decoder ends no page."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.imaging import (
    Associated,
    Readers,
    SlideAway,
    SlideDamaged,
    SlideTooLarge,
    SlideUnknown,
    TileService,
    open_slide,
)
from countersign.ground.imaging.apart.child import refuse
from ground.imaging.hostile import mutated, read_all
from ground.imaging.test_hostile import CODES, FORMATS, png_of, single

STAND_IN = (
    "-I",
    "-B",
    "-c",
    """
import os, sys, time
from countersign.ground.imaging.apart import child
from countersign.ground.imaging.opening import open_slide

def opener(path):
    head = path.read_bytes()[:4]
    if head == b"KILL":
        os.kill(os.getpid(), 9)
    if head == b"HANG":
        time.sleep(600)
    if head == b"MUCH":
        bytearray(1 << 40)
    return open_slide(path)

child.open_slide = opener
child.main(int(sys.argv[1]), int(sys.argv[2]))
""",
)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    made = Readers()
    yield made
    made.close()


def processes(readers: Readers) -> list[int]:
    return [one._process.pid for one in readers._idle]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_slide_pixel_by_pixel(
    slides: dict[str, Path], readers: Readers, name: str
) -> None:
    near, far = open_slide(slides[name]), readers.open(slides[name])
    try:
        assert (far.format, far.levels, far.mpp) == (near.format, near.levels, near.mpp)
        assert far.properties == near.properties
        level = near.levels[0]
        for box, downsample in (((0, 0, 300, 200), 1.0), ((-20, 5, 257, 300), 2.5)):
            assert np.array_equal(far.region(*box, downsample), near.region(*box, downsample))
        whole = (0, 0, level.width, level.height)
        assert np.array_equal(far.region(*whole, 16.0), near.region(*whole, 16.0))
        for which in Associated:
            ours, theirs = near.associated(which), far.associated(which)
            assert (ours is None) == (theirs is None)
            assert ours is None or theirs is None or np.array_equal(ours, theirs)
        if name.startswith(("tiff", "aperio", "dicom")):
            assert far.stored_tile(0, 0, 0) == near.stored_tile(0, 0, 0)
    finally:
        near.close()
        far.close()


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1 << 32))
def test_whatever_is_changed_in_a_file_ends_in_a_code(
    slides: dict[str, Path], readers: Readers, tmp_path: Path, name: str, seed: int
) -> None:
    source = single(slides, name)
    path = tmp_path / f"changed{source.suffix}"
    path.write_bytes(mutated(source.read_bytes(), random.Random(seed)))
    assert read_all(path, readers.open) in CODES


def test_its_errors_are_those_of_opening_here(readers: Readers, tmp_path: Path) -> None:
    (tmp_path / "a.svs").write_bytes(b"hello")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "c.png").write_bytes(png_of(60_000, 60_000))
    with pytest.raises(SlideUnknown):
        readers.open(tmp_path / "a.svs")
    with pytest.raises(SlideDamaged):
        readers.open(tmp_path / "b.png")
    with pytest.raises(SlideTooLarge, match="3600 megapixels"):
        readers.open(tmp_path / "c.png")
    with pytest.raises(SlideAway):
        readers.open(tmp_path / "missing.svs")


def test_a_file_that_ends_its_decoder_is_refused_and_others_are_read(
    slides: dict[str, Path], tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile.png"
    hostile.write_bytes(b"KILL")
    readers = Readers(1, begin=(sys.executable, *STAND_IN))
    try:
        tiles = TileService(readers.open)
        for _ in range(3):
            with pytest.raises(SlideDamaged) as refused:
                tiles.tile(hostile, 0, 0, 0)
            assert refused.value.details == {"reason": "ends-its-reader"}
        assert tiles.tile(slides["png"], 0, 0, 0)[:2] == b"\xff\xd8"
        hostile.write_bytes(slides["png"].read_bytes())
        assert tiles.tile(hostile, 0, 0, 0)[:2] == b"\xff\xd8"
    finally:
        readers.close()


def test_one_that_hangs_or_wants_too_much_memory_is_ended(
    slides: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "hang.png").write_bytes(b"HANG")
    (tmp_path / "much.png").write_bytes(b"MUCH")
    readers = Readers(1, patience=4.0, begin=(sys.executable, *STAND_IN))
    try:
        assert readers.open(slides["png"]).levels
        with pytest.raises(SlideDamaged) as refused:
            readers.open(tmp_path / "much.png")
        assert refused.value.details == {"reason": "memory"}
        with pytest.raises(SlideDamaged) as refused:
            readers.open(tmp_path / "hang.png")
        assert refused.value.details == {"reason": "ends-its-reader"}
        assert readers.open(slides["png"]).levels
    finally:
        readers.close()


def test_a_decoder_that_was_killed_is_replaced_and_nobody_notices(
    slides: dict[str, Path], readers: Readers
) -> None:
    slide = readers.open(slides["tiff"])
    slide.region(0, 0, 64, 64)
    for process in processes(readers):
        os.kill(process, signal.SIGKILL)
    assert slide.region(0, 0, 64, 64).shape == (64, 64, 3)


def test_many_ask_at_once(slides: dict[str, Path], readers: Readers) -> None:
    slide = readers.open(slides["aperio"])
    expected = slide.region(0, 0, 100, 100, 2.0)
    right: list[bool] = []

    def look() -> None:
        right.extend(np.array_equal(slide.region(0, 0, 100, 100, 2.0), expected) for _ in range(20))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert right == [True] * 120
    assert len(processes(readers)) <= 2


def test_nothing_is_reached_and_nothing_written() -> None:
    for event, arguments in (
        ("socket.connect", ()),
        ("subprocess.Popen", ("tesseract",)),
        ("open", ("x", "w", os.O_WRONLY | os.O_CREAT)),
        ("open", ("x", None, os.O_RDWR)),
    ):
        with pytest.raises(PermissionError):
            refuse(event, arguments)
    refuse("open", ("x", "rb", os.O_RDONLY | os.O_CLOEXEC))


def test_a_closed_house_leaves_no_process(slides: dict[str, Path]) -> None:
    readers = Readers(1)
    readers.open(slides["tiff"]).region(0, 0, 10, 10)
    (process,) = processes(readers)
    readers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
