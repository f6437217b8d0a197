"""A value that many threads ask for and one of them reads anew once it is too old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Calling it gives the value of ``read``, at most ``seconds`` old. Raises what that raises."""

    def __init__(self, read: Callable[[], Value], seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: tuple[float, Value] | None = None

    def __call__(self) -> Value:
        kept = self._kept
        if kept is not None and time.monotonic() - kept[0] < self._seconds:
            return kept[1]
        with self._lock:
            kept = self._kept
            if kept is None or time.monotonic() - kept[0] >= self._seconds:
                kept = time.monotonic(), self._read()
                self._kept = kept
            return kept[1]

    def forget(self) -> None:
        """The next who asks reads anew."""
        self._kept = None
