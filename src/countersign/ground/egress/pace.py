"""One deadline for everything that a request does, however many steps it takes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


class DeadlinePassed(Exception):
    """The time for the whole request is over."""


Watch = Callable[[], None]
"""Is called at least twice a second while something is waited for; what it raises ends that."""

SLICE = 0.5
"""Seconds that one may wait without asking whether to go on."""


class Ended(Exception):
    """Whoever asked does not want the answer any more; ``why`` is what the watch raised."""

    def __init__(self, why: Exception) -> None:
        super().__init__("nobody waits any more")
        self.why = why


class _Pace(threading.local):
    until: float = math.inf
    watch: Watch | None = None


_pace = _Pace()


@contextmanager
def until(moment: float, watch: Watch | None = None) -> Generator[None]:
    """Whatever this thread does in the block is over by ``moment`` (monotonic seconds)."""
    before, _pace.until = _pace.until, moment
    watched, _pace.watch = _pace.watch, watch
    try:
        yield
    finally:
        _pace.until, _pace.watch = before, watched


def watched() -> bool:
    """Whether somebody asks, while this thread waits, whether to go on."""
    return _pace.watch is not None


def look() -> None:
    """Asks whether to go on waiting. Raises Ended."""
    if _pace.watch is None:
        return
    try:
        _pace.watch()
    except Exception as why:
        raise Ended(why) from why


def left(timeout: float | None) -> float | None:
    """The seconds that a step may take: ``timeout`` or what is left. Raises DeadlinePassed."""
    remaining = _pace.until - time.monotonic()
    if remaining <= 0:
        raise DeadlinePassed
    if remaining == math.inf:
        return timeout
    return remaining if timeout is None else min(timeout, remaining)
