"""Asks the shelves of one question on two cores at once, while a second core is free."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TypeVar

T = TypeVar("T")

HELPERS = (os.cpu_count() or 1) - 1
"""Questions that may have a second thread at a time; the engine works outside Python's lock."""

_free = BoundedSemaphore(HELPERS) if HELPERS else None


def together(work: Sequence[Callable[[], T]]) -> list[T]:
    """What each piece of work gives, in its order; give the longest first.

    Two threads take pieces from the front until none is left. Where no second one is free, this
    one does it all: nobody waits for a thread. Raises what a piece raises.
    """
    if len(work) < 2 or _free is None or not _free.acquire(blocking=False):
        return [one() for one in work]
    try:
        waiting = deque(enumerate(work))
        helper = _helpers().submit(_take, waiting)
        found = _take(waiting)
        if not helper.cancel():
            found |= helper.result()
    finally:
        _free.release()
    return [found[place] for place in range(len(work))]


def _take(waiting: deque[tuple[int, Callable[[], T]]]) -> dict[int, T]:
    found: dict[int, T] = {}
    while True:
        try:
            place, one = waiting.popleft()
        except IndexError:
            return found
        found[place] = one()


@lru_cache(maxsize=1)
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(HELPERS, thread_name_prefix="library-search")
