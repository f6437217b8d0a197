"""Lets few make tiles at a time, and of those that wait each slide's in turn."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Generator, Hashable
from contextlib import contextmanager


class Gate:
    """``places`` threads may be inside at once. Whoever asks for a thousand tiles of one slide
    waits behind those who ask for one of another."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()
        self._waiting: OrderedDict[Hashable, deque[threading.Event]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many threads wait outside."""
        with self._lock:
            return sum(len(turns) for turns in self._waiting.values())

    @contextmanager
    def inside(self, whose: Hashable) -> Generator[None]:
        turn: threading.Event | None = None
        with self._lock:
            if self._free:
                self._free -= 1
            else:
                turn = threading.Event()
                self._waiting.setdefault(whose, deque()).append(turn)
        if turn is not None:
            turn.wait()
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        """The place goes to the slide that waits longest for a turn, which then goes to the end."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            whose, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[whose] = turns
        turn.set()
