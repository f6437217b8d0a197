"""Carries the guard into processes that compute, and their refusals back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.context import SpawnContext
from typing import Any

from .guard import GUARD


class Children:
    """The guard of the processes that one pool starts; without a guard here, none there."""

    def __init__(self, context: SpawnContext) -> None:
        self._channel: Any = None
        self._reader: threading.Thread | None = None
        if GUARD.armed:
            self._channel = context.SimpleQueue()
            self._reader = threading.Thread(target=self._read, daemon=True, name="egress-children")
            self._reader.start()

    @property
    def beginning(self) -> tuple[Callable[..., None] | None, tuple[Any, ...]]:
        """What each process calls first, and with what."""
        return (None, ()) if self._channel is None else (arm_child, (self._channel,))

    def close(self) -> None:
        """Ends the reading; the processes have ended before."""
        if self._reader is not None:
            self._channel.put(None)
            self._reader.join()
            self._channel.close()
            self._reader = None

    def _read(self) -> None:
        while (refusal := self._channel.get()) is not None:
            GUARD.report(*refusal)


def arm_child(channel: Any) -> None:
    """A process that computes reaches nothing at all."""
    GUARD.arm()
    GUARD.listen(lambda place, module: channel.put((place, module)))
