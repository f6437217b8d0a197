"""One deadline for everything that a request does, however many steps it takes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager


class DeadlinePassed(Exception):
    """The time for the whole request is over."""


class _Pace(threading.local):
    until: float = math.inf


_pace = _Pace()


@contextmanager
def until(moment: float) -> Generator[None]:
    """Whatever this thread does in the block is over by ``moment`` (monotonic seconds)."""
    before, _pace.until = _pace.until, moment
    try:
        yield
    finally:
        _pace.until = before


def left(timeout: float | None) -> float | None:
    """The seconds that a step may take: ``timeout`` or what is left. Raises DeadlinePassed."""
    remaining = _pace.until - time.monotonic()
    if remaining <= 0:
        raise DeadlinePassed
    if remaining == math.inf:
        return timeout
    return remaining if timeout is None else min(timeout, remaining)
