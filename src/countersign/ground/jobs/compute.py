"""The port for heavy computation: a pool of processes here, more machines when there are some."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from threading import Lock, Thread
from typing import Any, Protocol, TypeVar

from countersign.ground.egress import Children
from countersign.kit.errors import CountersignError

T = TypeVar("T")
R = TypeVar("R")


class ComputeLost(CountersignError):
    code = "jobs.compute-lost"
    status = 503
    message = "A computing process was killed, perhaps for want of memory. Try again; tell IT."


class Compute(Protocol):
    """Applies one function to many items, somewhere else."""

    def map(self, function: Callable[[T], R], items: Iterable[T], chunk: int = 1) -> Iterator[R]:
        """Results in the order of the items, as they become ready.

        ``function`` is a module's own function; it, the items and the results can be
        pickled. ``chunk`` items travel together. Items are drawn only as fast as they are
        computed. The first error is raised here and whatever has not begun is cancelled,
        also when the caller stops iterating.
        """
        ...

    def alone(self, function: Callable[[T], R], item: T) -> R:
        """The result of one item that shares no process with others, so that ComputeLost speaks
        of this item and not of a neighbour."""
        ...


class LocalPool:
    """Processes of this machine, started when first needed. Safe to use from many threads."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None
        self._children: Children | None = None
        self._lock = Lock()

    def map(self, function: Callable[[T], R], items: Iterable[T], chunk: int = 1) -> Iterator[R]:
        """As ``Compute.map``. Raises ComputeLost when a process is killed."""
        executor = self._ready()
        running: deque[Future[list[R]]] = deque()
        try:
            for batch in batches(items, chunk):
                running.append(executor.submit(_apply, function, batch))
                if len(running) > 2 * self._workers:
                    yield from running.popleft().result()
            while running:
                yield from running.popleft().result()
        except BrokenProcessPool:
            self._discard(executor)
            raise ComputeLost from None
        finally:
            for future in running:
                future.cancel()

    def alone(self, function: Callable[[T], R], item: T) -> R:
        """As ``Compute.alone``: in a process that is started for it, which takes a second."""
        own = LocalPool(1)
        try:
            return next(own.map(function, [item]))
        finally:
            own.close()

    def close(self) -> None:
        """Cancels what waits and ends the processes."""
        with self._lock:
            executor, self._executor = self._executor, None
            children, self._children = self._children, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)
        if children is not None:
            children.close()

    def _ready(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                # spawn: a forked child would inherit locks, sockets and unwrapped keys
                context = multiprocessing.get_context("spawn")
                if self._children is None:
                    self._children = Children(context)
                self._executor = ProcessPoolExecutor(
                    self._workers,
                    mp_context=context,
                    initializer=_begin,
                    initargs=self._children.beginning,
                )
            return self._executor

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._executor is executor:
                self._executor = None
        executor.shutdown(wait=False)


def _begin(guard: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    """Sees that a process which computes ends with the one that it computes for, and is guarded."""
    Thread(target=_end_with_parent, daemon=True, name="parent").start()
    if guard is not None:
        guard(*given)


def _end_with_parent() -> None:
    """A killed parent tells nobody; without this its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def batches(items: Iterable[T], chunk: int) -> Iterator[list[T]]:
    """``chunk`` items at a time, drawn as they are needed."""
    source = iter(items)
    while batch := list(islice(source, max(chunk, 1))):
        yield batch


def _apply(function: Callable[[T], R], batch: list[T]) -> list[R]:
    return [function(item) for item in batch]
