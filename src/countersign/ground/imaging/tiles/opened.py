"""Slides kept open between requests: at most so many, none closed while somebody reads it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from countersign.ground.imaging.errors import SPENT, SlideDamaged
from countersign.ground.imaging.reading import Stamp, stamp_of
from countersign.ground.imaging.slide import Slide

from .ladder import Ladder, ladder_of


@dataclass
class _Kept:
    opening: threading.Lock = field(default_factory=threading.Lock)
    slide: Slide | None = None
    ladder: Ladder | None = None
    readers: int = 0
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A slide that somebody reads now."""

    stamp: Stamp
    slide: Slide
    ladder: Ladder


class OpenedSlides:
    """Safe for many threads; two that ask for the same slide open it once."""

    def __init__(self, opening: Callable[[Path], Slide], most: int) -> None:
        self._opening = opening
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Stamp, _Kept] = OrderedDict()

    @contextmanager
    def reading(self, path: Path) -> Generator[Reading]:
        """Raises SlideAway, and what opening raises; after ``SPENT`` the next opens anew."""
        stamp = stamp_of(path)
        with self._lock:
            kept = self._kept.setdefault(stamp, _Kept())
            self._kept.move_to_end(stamp)
            kept.readers += 1
            surplus = self._surplus()
        _close(surplus)
        try:
            with kept.opening:
                if kept.slide is None or kept.ladder is None:
                    kept.slide = self._opening(path)
                    kept.ladder = ladder_of(kept.slide)
            yield Reading(stamp, kept.slide, kept.ladder)
        except SlideDamaged as why:
            if why.details.get("reason") == SPENT:
                self._drop(stamp, kept)
            raise
        finally:
            self._leave(stamp, kept)

    def _drop(self, stamp: Stamp, kept: _Kept) -> None:
        """Nobody gets it any more; it is closed when its last reader leaves."""
        with self._lock:
            if self._kept.get(stamp) is kept:
                del self._kept[stamp]
            kept.unwanted = True

    def _leave(self, stamp: Stamp, kept: _Kept) -> None:
        with self._lock:
            kept.readers -= 1
            if kept.readers:
                return
            if kept.slide is None and self._kept.get(stamp) is kept:
                del self._kept[stamp]
            done = kept.unwanted
        if done:
            _close([kept])

    def _surplus(self) -> list[_Kept]:
        """Takes out what is too much, those not read for longest first."""
        found: list[_Kept] = []
        for stamp in list(self._kept):
            if len(self._kept) <= self._most:
                break
            kept = self._kept[stamp]
            if kept.readers == 0:
                found.append(self._kept.pop(stamp))
        return found

    def close(self) -> None:
        """Closes all; those being read when their reader leaves."""
        with self._lock:
            every = list(self._kept.values())
            self._kept.clear()
            for kept in every:
                kept.unwanted = True
            idle = [kept for kept in every if kept.readers == 0]
        _close(idle)

    def __len__(self) -> int:
        return len(self._kept)


def _close(every: list[_Kept]) -> None:
    for kept in every:
        if kept.slide is not None:
            kept.slide.close()
