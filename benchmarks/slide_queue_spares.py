"""Computing processes for ``slide_queue`` that are there before anything is opened."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import TypeVar

from countersign.ground.jobs import ComputeLost, LocalPool
from countersign.ground.jobs.compute import _begin  # pyright: ignore[reportPrivateUsage]

T = TypeVar("T")
R = TypeVar("R")


class Spares:
    """As ``LocalPool`` of one process; when that is killed, the next of ``many`` takes over.

    They are forked from a process that has imported everything and opened nothing, for starting
    one costs two seconds of importing otherwise; when all are spent, they are started so.
    """

    def __init__(self, many: int) -> None:
        forking = multiprocessing.get_context("fork")
        self._waiting = [
            ProcessPoolExecutor(1, mp_context=forking, initializer=_begin, initargs=(None, ()))
            for _ in range(many)
        ]
        for one in self._waiting:
            one.submit(abs, 1).result()
        self._now = self._waiting.pop()
        self._last: LocalPool | None = None
        self._lock = Lock()

    def map(self, function: Callable[[T], R], items: Iterable[T], chunk: int = 1) -> Iterator[R]:
        """As ``Compute.map``, one item after the other. Raises ComputeLost."""
        if self._last is not None:
            yield from self._last.map(function, items, chunk)
            return
        now = self._now
        for item in items:
            try:
                found = now.submit(function, item).result()
            except BrokenProcessPool:
                self._replace(now)
                raise ComputeLost from None
            yield found

    def alone(self, function: Callable[[T], R], item: T) -> R:
        """As ``Compute.alone``: in a spare that nobody else is given."""
        with self._lock:
            own = self._waiting.pop() if self._waiting else None
        if own is None:
            return LocalPool(1).alone(function, item)
        try:
            return own.submit(function, item).result()
        except BrokenProcessPool:
            raise ComputeLost from None
        finally:
            own.shutdown(wait=False)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._now is broken and self._waiting:
                self._now = self._waiting.pop()
            elif self._now is broken:
                self._last = self._last or LocalPool(1)
        broken.shutdown(wait=False)

    @property
    def pids(self) -> list[int]:
        """Those that compute now."""
        return list(self._now._processes or ())  # noqa: SLF001
