"""The tile service: one tile of one level of one slide, as a JPEG, for as many as ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from countersign.ground.imaging.jpeg import encoded
from countersign.ground.imaging.opening import open_slide
from countersign.ground.imaging.slide import Associated, Slide
from countersign.kit.errors import CountersignError

from .gate import Gate
from .ladder import Rung
from .opened import OpenedSlides, Reading

QUALITY = 85


class NoSuchTile(CountersignError):
    code = "imaging.no_tile"
    status = 404
    message = "The slide has no such tile or picture. Open the slide again."


class TileService:
    """Bounded: ``slides`` open at once, ``kept`` bytes of made tiles, ``makers`` threads that
    make tiles at a time. Tiles that the file stores as JPEG are handed on without decoding and
    are kept by the operating system alone."""

    def __init__(
        self,
        opening: Callable[[Path], Slide] = open_slide,
        slides: int = 32,
        kept: int = 64 << 20,
        makers: int = 2,
    ) -> None:
        self._opened = OpenedSlides(opening, slides)
        self._made = Made(kept)
        self._gate = Gate(makers)

    def description(self, path: Path) -> dict[str, Any]:
        """What a viewer must know; see ``Ladder.description``. Raises what opening raises."""
        with self._opened.reading(path) as reading:
            return reading.ladder.description()

    def tile(self, path: Path, level: int, column: int, row: int) -> bytes:
        """A JPEG. Levels are the description's, the smallest 0.

        Raises NoSuchTile, SlideAway, SlideDamaged, and what opening raises.
        """
        with self._opened.reading(path) as reading:
            rungs = reading.ladder.rungs
            if not 0 <= level < len(rungs):
                raise NoSuchTile
            rung = rungs[level]
            if not (0 <= column < rung.columns and 0 <= row < rung.rows):
                raise NoSuchTile
            whole = rung.size(column, row) == (rung.tile_width, rung.tile_height)
            if rung.stored is not None and whole:
                found = reading.slide.stored_tile(rung.stored, column, row)
                if found is not None:
                    return found
            key = (reading.stamp, level, column, row)
            return self._made.get(key, lambda: self._make(reading, rung, column, row))

    def associated(self, path: Path, which: Associated) -> bytes:
        """A picture beside the tissue as a JPEG; who may see a label is for the caller to ask.
        Raises NoSuchTile where there is none."""
        with self._opened.reading(path) as reading, self._gate.inside(reading.stamp):
            pixels = reading.slide.associated(which)
        if pixels is None:
            raise NoSuchTile
        return encoded(pixels, QUALITY)

    def overview(self, path: Path, longest: int) -> bytes:
        """The whole slide as a JPEG whose longer side has about ``longest`` pixels."""
        with self._opened.reading(path) as reading:
            key = (reading.stamp, longest)
            return self._made.get(key, lambda: self._overview(reading, longest))

    def close(self) -> None:
        self._opened.close()

    def _make(self, reading: Reading, rung: Rung, column: int, row: int) -> bytes:
        step = rung.downsample
        width, height = rung.size(column, row)
        x, y = column * rung.tile_width * step, row * rung.tile_height * step
        with self._gate.inside(reading.stamp):
            return encoded(reading.slide.region(x, y, width * step, height * step, step), QUALITY)

    def _overview(self, reading: Reading, longest: int) -> bytes:
        level = reading.slide.levels[0]
        downsample = max(1.0, max(level.width, level.height) / longest)
        with self._gate.inside(reading.stamp):
            pixels = reading.slide.region(0, 0, level.width, level.height, downsample)
        return encoded(pixels, QUALITY)


class Made:
    """What was made lately, up to so many bytes. Two that ask for the same make it once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, Future[bytes]] = {}

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Kept, or made now, or by the other who is making it. An error goes to all who wait and
        is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
            mine = key not in self._making
            future = self._making.setdefault(key, Future())
        if not mine:
            return future.result()
        try:
            made = make()
        except BaseException as why:
            with self._lock:
                del self._making[key]
            future.set_exception(why)
            raise
        self._keep(key, made)
        future.set_result(made)
        return made

    def _keep(self, key: Hashable, made: bytes) -> None:
        with self._lock:
            del self._making[key]
            self._kept[key] = made
            self._size += len(made)
            while self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone)
