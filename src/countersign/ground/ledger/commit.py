"""Group commit: everything that waits becomes one transaction, written by one thread."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from .errors import EventRefused, LedgerUnavailable

_log = logging.getLogger(__name__)

BATCH = 1024
"""The most leaves of one transaction."""

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5


class Leaves(Protocol):
    """Where leaves are kept; ``Store`` says what each method raises."""

    def append(self, bodies: Sequence[bytes]) -> int: ...
    def size(self) -> int: ...
    def written(self, bodies: Sequence[bytes], since: int) -> dict[bytes, int]: ...


class _Waiting:
    """One body on its way into the ledger. ``done`` is held until its fate is known."""

    __slots__ = ("body", "done", "given_up", "index", "refused")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.done = threading.Lock()
        self.done.acquire()
        self.index = -1
        self.refused: EventRefused | None = None
        self.given_up = False

    def settle(self, index: int) -> None:
        self.index = index
        self.done.release()

    def refuse(self, problem: EventRefused) -> None:
        self.refused = problem
        self.done.release()


class Committer:
    """Writes bodies to ``leaves`` for every thread of the process.

    A batch that fails is tried again until the database is back. Because a lost connection
    may hide a commit that succeeded, what was tried is looked for before it is tried again.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._queue: deque[_Waiting] = deque()
        self._flight: list[_Waiting] = []
        self._in_doubt = False
        self._seen: int | None = None
        self._wake = threading.Condition()
        self._closing_at: float | None = None
        self._thread: threading.Thread | None = None

    def write(self, body: bytes, deadline: float) -> int:
        """The index of the durable leaf.

        Raises LedgerUnavailable when ``deadline`` seconds pass first; a leaf that was already
        on its way may then still be written.
        """
        return _outcome(self._enqueue(body), deadline)

    def begin(self, body: bytes) -> Callable[[float], int]:
        """Puts a body on its way at once; what is returned waits for it as ``write`` does."""
        waiting = self._enqueue(body)
        return lambda deadline: _outcome(waiting, deadline)

    def write_all(self, bodies: Sequence[bytes], deadline: float) -> list[int]:
        """The indices of durable leaves, which need not be neighbours; raises as ``write``."""
        end = time.monotonic() + deadline
        waiting = [self._enqueue(body) for body in bodies]
        try:
            return [_outcome(one, max(0.0, end - time.monotonic())) for one in waiting]
        except LedgerUnavailable:
            for one in waiting:
                one.given_up = True
            raise

    def write_soon(self, body: bytes) -> None:
        """Writes when possible, however long that takes."""
        self._enqueue(body)

    def unwritten(self) -> int:
        """How many bodies wait."""
        with self._wake:
            waiting = (*self._flight, *self._queue)
            return sum(not each.given_up for each in waiting)

    def close(self, patience: float) -> None:
        """Writes what waits, for at most ``patience`` seconds, and stops.

        Raises LedgerUnavailable when something could not be written.
        """
        with self._wake:
            self._closing_at = time.monotonic() + patience
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(patience + 1)
        left = self.unwritten()
        if left:
            _log.error("the ledger was closed with %d events unwritten", left)
            raise LedgerUnavailable(unwritten=left)

    def _enqueue(self, body: bytes) -> _Waiting:
        waiting = _Waiting(body)
        with self._wake:
            if self._closing_at is not None:
                raise LedgerUnavailable
            self._queue.append(waiting)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
                self._thread.start()
            self._wake.notify()
        return waiting

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while self._take():
            try:
                self._write()
                pause = _FIRST_PAUSE
            except LedgerUnavailable:
                if self._out_of_patience(pause):
                    return
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _take(self) -> bool:
        """Fills the batch with what waits; False when closing and nothing is left."""
        with self._wake:
            while True:
                batch = [waiting for waiting in self._flight if not waiting.given_up]
                while self._queue and len(batch) < BATCH:
                    waiting = self._queue.popleft()
                    if not waiting.given_up:
                        batch.append(waiting)
                self._flight = batch
                if batch:
                    return True
                if self._closing_at is not None:
                    return False
                self._wake.wait()

    def _write(self) -> None:
        if self._seen is None:
            self._seen = self._leaves.size()
        if self._in_doubt:
            self._settle_written(self._seen)
        if self._flight:
            self._in_doubt = True
            try:
                self._append(self._flight)
            except EventRefused:
                self._append_singly()
        self._in_doubt = False
        self._flight = []

    def _append(self, batch: list[_Waiting]) -> None:
        first = self._leaves.append([waiting.body for waiting in batch])
        self._seen = first + len(batch)
        for place, waiting in enumerate(batch):
            waiting.settle(first + place)

    def _append_singly(self) -> None:
        """One event that the database refuses must not hold up the others."""
        while self._flight:
            waiting = self._flight[0]
            try:
                self._append([waiting])
            except EventRefused as problem:
                _log.error("the database refuses an event; it was not written")
                waiting.refuse(problem)
            self._flight = self._flight[1:]

    def _settle_written(self, since: int) -> None:
        found = self._leaves.written([waiting.body for waiting in self._flight], since)
        for waiting in self._flight:
            if waiting.body in found:
                waiting.settle(found[waiting.body])
        self._flight = [waiting for waiting in self._flight if waiting.body not in found]
        self._in_doubt = False

    def _out_of_patience(self, pause: float) -> bool:
        """Waits before the next try; True when the process does not want to wait longer."""
        with self._wake:
            self._wake.wait_for(lambda: self._closing_at is not None, pause)
            closing_at = self._closing_at
        if closing_at is None:
            return False
        time.sleep(_FIRST_PAUSE)
        return time.monotonic() >= closing_at


def _outcome(waiting: _Waiting, deadline: float) -> int:
    if not waiting.done.acquire(timeout=deadline):
        waiting.given_up = True
        raise LedgerUnavailable
    if waiting.refused is not None:
        raise waiting.refused
    return waiting.index
