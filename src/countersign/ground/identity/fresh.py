"""Remembers what was read for two seconds at most, and forgets at once when told."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")

SHORT = timedelta(seconds=2)
"""The longest that a change made by another process may stay unseen."""


class Fresh(Generic[V]):
    """Values by the hash of a token. Safe to share among threads."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._lock = Lock()
        self._era = 0
        self._kept: OrderedDict[bytes, tuple[datetime, V]] = OrderedDict()

    def get(self, key: bytes, now: datetime) -> V | None:
        """The value, unless it is older than two seconds or comes from the future."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or not timedelta(0) <= now - kept[0] < SHORT:
            return None
        return kept[1]

    def era(self) -> int:
        """To be asked before reading what will be kept."""
        with self._lock:
            return self._era

    def keep(self, key: bytes, value: V, read_at: datetime, era: int) -> None:
        """Keeps a value unless something was forgotten since ``era``: it may be outdated."""
        with self._lock:
            if era != self._era:
                return
            self._kept[key] = (read_at, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Drops everything; what is being read at this moment will not be kept."""
        with self._lock:
            self._era += 1
            self._kept.clear()
