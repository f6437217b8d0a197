"""Asks several sources at once and waits for none of them longer than the card may take."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import Any

THREADS = 32
EACH = 8
"""Calls of one source that may be under way at once: one that hangs takes no more threads."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """What came in time, by source; ``missing`` are those that did not, or failed."""

    found: Mapping[str, Any]
    missing: frozenset[str]


class Sources:
    """A pool of threads for one process. A source that is stuck is asked no more for a while."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="hooks")
        self._lock = Lock()
        self._busy: dict[str, int] = {}

    def ask(self, calls: Mapping[str, Callable[[], Any]], until: float) -> Answers:
        """Runs the calls until ``until`` (of ``time.monotonic``); late answers are dropped."""
        asked = {name: self._start(name, call) for name, call in calls.items()}
        futures = {name: one for name, one in asked.items() if one is not None}
        wait(futures.values(), timeout=max(0.0, until - time.monotonic()))
        found: dict[str, Any] = {}
        for name, future in futures.items():
            if not future.done():
                future.cancel()
                continue
            problem = future.exception()
            if problem is None:
                found[name] = future.result()
            else:
                logger.warning("hook source %s failed: %s", name, type(problem).__name__)
        return Answers(found, frozenset(calls) - frozenset(found))

    def _start(self, name: str, call: Callable[[], Any]) -> Future[Any] | None:
        with self._lock:
            if self._busy.get(name, 0) >= EACH:
                return None
            self._busy[name] = self._busy.get(name, 0) + 1
        future = self._pool.submit(call)
        future.add_done_callback(lambda _: self._ended(name))
        return future

    def _ended(self, name: str) -> None:
        with self._lock:
            self._busy[name] -= 1
