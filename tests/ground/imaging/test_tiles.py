"""Viewers get every tile, each once made, from slides that are let go; nobody starves another."""

from __future__ import annotations

import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from countersign.ground.imaging import (
    Associated,
    Level,
    NoSuchTile,
    Pixels,
    Slide,
    SlideDamaged,
    TileService,
    ladder_of,
    open_slide,
)
from countersign.ground.imaging.errors import SPENT
from countersign.ground.imaging.tiles.gate import Gate
from countersign.ground.imaging.tiles.opened import OpenedSlides
from countersign.ground.imaging.tiles.service import Made


def pixels_of(tile: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(tile)).convert("RGB"))


@pytest.mark.parametrize(
    "name", ["tiff", "tiff-2000", "aperio", "aperio-rgb", "dicom", "png", "hamamatsu"]
)
def test_the_tiles_of_each_level_put_together_are_the_slide(
    slides: dict[str, Path], name: str
) -> None:
    service = TileService()
    path = slides[name]
    said = service.description(path)
    slide = open_slide(path)
    assert (said["width"], said["height"], said["overlap"]) == (700, 530, 0)
    assert max(said["levels"][0]["width"], said["levels"][0]["height"]) <= 256
    for number, level in enumerate(said["levels"]):
        rows = [
            np.concatenate(
                [
                    pixels_of(service.tile(path, number, column, row))
                    for column in range(level["columns"])
                ],
                axis=1,
            )
            for row in range(level["rows"])
        ]
        found = np.concatenate(rows, axis=0)
        assert found.shape == (level["height"], level["width"], 3)
        times = level["downsample"]
        expected = slide.region(0, 0, level["width"] * times, level["height"] * times, times)
        assert np.abs(found.astype(int) - expected).mean() < 9
        assert abs(found.mean() - expected.mean()) < 1
    service.close()


def test_stored_tiles_are_handed_on_as_they_lie_in_the_file(slides: dict[str, Path]) -> None:
    path = slides["tiff"]
    service = TileService()
    top = len(service.description(path)["levels"]) - 1
    tile = service.tile(path, top, 1, 1)
    raw = path.read_bytes()
    assert tile in raw or tile[40:] in raw
    edge = pixels_of(service.tile(path, top, 2, 2))
    assert edge.shape == (530 - 512, 700 - 512, 3)


@pytest.mark.parametrize("place", [(-1, 0, 0), (99, 0, 0), (2, 3, 0), (2, 0, -1), (2, 0, 99)])
def test_there_is_no_tile_outside(slides: dict[str, Path], place: tuple[int, int, int]) -> None:
    with pytest.raises(NoSuchTile):
        TileService().tile(slides["tiff"], *place)


def test_pictures_beside_the_tissue_and_an_overview(slides: dict[str, Path]) -> None:
    service = TileService()
    assert pixels_of(service.associated(slides["aperio"], Associated.MACRO)).shape == (70, 200, 3)
    with pytest.raises(NoSuchTile):
        service.associated(slides["png"], Associated.LABEL)
    assert pixels_of(service.overview(slides["aperio"], 350)).shape == (265, 350, 3)


def test_a_file_that_was_replaced_is_another_slide(slides: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "slide.png"
    Image.fromarray(np.full((50, 60, 3), 10, np.uint8)).save(path)
    service = TileService()
    before = pixels_of(service.tile(path, 0, 0, 0))
    other = tmp_path / "other.png"
    Image.fromarray(np.full((50, 60, 3), 200, np.uint8)).save(other)
    os.utime(other, ns=(1, 1))
    other.replace(path)
    after = pixels_of(service.tile(path, 0, 0, 0))
    assert (before.mean(), after.mean()) == (10, 200)


@dataclass
class Counted:
    """A slide in memory that counts who opened, read and closed it."""

    log: list[str]
    name: str
    hold: threading.Event | None = None
    closed: bool = False
    format: str = "tiff"
    mpp: tuple[float, float] | None = None
    properties: dict[str, str] = field(default_factory=dict[str, str])
    levels: tuple[Level, ...] = (Level(900, 900, 1.0, 64, 64),)

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        assert not self.closed
        self.log.append(f"read {self.name}")
        if self.hold is not None:
            assert self.hold.wait(20)
        if x:
            raise SlideDamaged(reason="tile")
        return np.zeros((round(height / downsample), round(width / downsample), 3), np.uint8)

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return None

    def associated(self, which: Associated) -> Pixels | None:
        return None

    def close(self) -> None:
        self.closed = True
        self.log.append(f"close {self.name}")


def counted(tmp_path: Path, log: list[str], hold: threading.Event | None = None):  # noqa: ANN201
    for number in range(6):
        (tmp_path / str(number)).touch()

    def opening(path: Path) -> Slide:
        log.append(f"open {path.name}")
        return Counted(log, path.name, hold)

    return opening


def test_only_so_many_slides_are_open_and_the_longest_unread_is_closed(tmp_path: Path) -> None:
    log: list[str] = []
    service = TileService(counted(tmp_path, log), slides=2)
    for name in ("0", "1", "0", "2", "0", "1"):
        service.tile(tmp_path / name, 0, 0, 0)
    assert [line for line in log if "read" not in line] == [
        "open 0",
        "open 1",
        "close 1",
        "open 2",
        "close 2",
        "open 1",
    ]
    service.close()
    assert {"close 0", "close 1"} <= set(log)


def test_a_slide_is_opened_and_a_tile_made_once_however_many_ask(tmp_path: Path) -> None:
    log: list[str] = []
    hold = threading.Event()
    service = TileService(counted(tmp_path, log, hold))
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(service.tile, tmp_path / "0", 0, 0, 0) for _ in range(8)]
        hold.set()
        tiles = {one.result(20) for one in asked}
    assert len(tiles) == 1
    assert log == ["open 0", "read 0"]


def test_no_slide_is_closed_while_somebody_reads_it(tmp_path: Path) -> None:
    log: list[str] = []
    hold = threading.Event()
    service = TileService(counted(tmp_path, log, hold), slides=1)
    with ThreadPoolExecutor(4) as pool:
        reading = pool.submit(service.tile, tmp_path / "0", 0, 0, 0)
        while "read 0" not in log:
            threading.Event().wait(0.001)
        other = pool.submit(service.tile, tmp_path / "1", 0, 0, 0)
        service.close()
        assert "close 0" not in log
        hold.set()
        assert reading.result(20)
        assert other.result(20)
    service.close()
    assert log.count("close 0") == 1


def test_an_error_goes_to_all_and_is_not_kept(tmp_path: Path) -> None:
    log: list[str] = []
    service = TileService(counted(tmp_path, log))
    for _ in range(2):
        with pytest.raises(SlideDamaged):
            service.tile(tmp_path / "0", 2, 1, 0)
    assert log.count("read 0") == 2


def test_a_handle_that_answers_no_more_is_not_kept(slides: dict[str, Path], tmp_path: Path) -> None:
    """As on a share that was away for a moment: OpenSlide remembers the error for ever."""
    path = tmp_path / "scanned.ndpi"
    path.write_bytes(whole := slides["hamamatsu"].read_bytes())
    before, opened = path.stat(), OpenedSlides(open_slide, 4)
    with opened.reading(path) as first:
        with pytest.raises(SlideDamaged) as spent, opened.reading(path) as second:
            assert second.slide is first.slide
            path.write_bytes(whole[:4000])
            second.slide.region(0, 0, 300, 300)
        assert spent.value.details["reason"] == SPENT
        path.write_bytes(whole)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        with opened.reading(path) as again:
            assert again.slide is not first.slide
            assert again.slide.region(0, 0, 300, 300).shape == (300, 300, 3)
    opened.close()


def test_made_tiles_are_kept_up_to_a_bound() -> None:
    made = Made(100)
    counts: list[int] = []

    def make(number: int) -> bytes:
        counts.append(number)
        return bytes(40)

    for number in (0, 1, 0, 2, 1, 0):
        made.get(number, lambda number=number: make(number))
    assert counts == [0, 1, 2, 1, 0]


def test_a_thousand_tiles_of_one_slide_do_not_keep_another_waiting() -> None:
    """Whoever comes last, but for another slide, is next but one."""
    gate, done = Gate(1), list[str]()
    first, inside = threading.Event(), threading.Event()

    def work(whose: str) -> None:
        with gate.inside(whose):
            done.append(whose)
            inside.set()
            assert first.wait(20)

    threads = [threading.Thread(target=work, args=("busy",)) for _ in range(12)]
    threads[0].start()
    assert inside.wait(20)
    for thread in threads[1:]:
        thread.start()
    while gate.waiting < 11:
        threading.Event().wait(0.001)
    late = threading.Thread(target=work, args=("late",))
    late.start()
    while gate.waiting < 12:
        threading.Event().wait(0.001)
    first.set()
    for thread in (*threads, late):
        thread.join(20)
    assert done.index("late") == 2
    assert len(done) == 13


def test_the_ladder_uses_the_grid_of_the_file(slides: dict[str, Path]) -> None:
    rungs = ladder_of(open_slide(slides["tiff"])).rungs
    assert [(one.downsample, one.stored) for one in rungs] == [(4, 1), (2, None), (1, 0)]
    assert [one.size(one.columns - 1, one.rows - 1) for one in rungs] == [
        (175, 132),
        (350 - 256, 265 - 256),
        (700 - 512, 530 - 512),
    ]
