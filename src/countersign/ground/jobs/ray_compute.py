"""The port for heavy computation on a Ray cluster: more machines than this one."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

from countersign.ground.egress import GUARD
from countersign.kit.errors import CountersignError

from .compute import ComputeLost, batches

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")

DEATHS = 2
"""How often a batch whose process or machine died is computed anew elsewhere."""


class ComputeAway(CountersignError):
    code = "jobs.compute-away"
    status = 503
    message = (
        "The cluster that computes cannot be reached. Work waits and goes on by itself; tell IT."
    )


class RayCompute:
    """Batches as Ray tasks, in the order of the items. Safe to use from many threads.

    ``address`` is HOST:PORT of the cluster's head; this machine is one of its nodes. Ray is
    imported and joined when something is first computed, and again after it was lost. The
    slides' folders must lie at the same path on every node, and the same version of this
    program be installed there.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._ray: Any = None
        self._task: Any = None
        self._lock = Lock()

    def map(self, function: Callable[[T], R], items: Iterable[T], chunk: int = 1) -> Iterator[R]:
        """As ``Compute.map``. A machine that dies is made good by the others; raises ComputeLost
        where a batch ended every process that took it, ComputeAway where no cluster answers.
        """
        ray, task = self._ready()
        running: deque[Any] = deque()
        try:
            most = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
            for batch in batches(items, chunk):
                running.append(task.remote(function, batch))
                if len(running) > most:
                    yield from self._result(running.popleft())
            while running:
                yield from self._result(running.popleft())
        finally:
            for reference in running:
                with suppress(Exception):
                    ray.cancel(reference, force=False)

    def alone(self, function: Callable[[T], R], item: T) -> R:
        """As ``Compute.alone``: the cluster gives every batch a process for itself."""
        return next(self.map(function, [item]))

    def close(self) -> None:
        """Leaves the cluster, which goes on without this process."""
        with self._lock:
            ray, self._ray, self._task = self._ray, None, None
        if ray is not None:
            ray.shutdown()

    def _ready(self) -> tuple[Any, Any]:
        with self._lock:
            if self._ray is None or not self._ray.is_initialized():
                self._ray, self._task = self._join()
            return self._ray, self._task

    def _join(self) -> tuple[Any, Any]:
        try:
            import ray
        except ImportError:
            logger.warning("COUNTERSIGN_RAY is set and Ray is not installed")
            raise ComputeAway from None
        joined: Any = ray
        try:
            joined.init(
                address=self._address,
                configure_logging=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                namespace="countersign",
            )
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as problem:
            logger.warning("Ray at %s: %s", self._address, type(problem).__name__)
            raise ComputeAway from None
        return joined, joined.remote(num_cpus=1, max_retries=DEATHS)(_apply)

    def _result(self, reference: Any) -> list[Any]:
        """Raises what the function raised, ComputeLost, ComputeAway."""
        from ray import exceptions

        try:
            return self._ray.get(reference)
        except exceptions.RayTaskError as problem:
            raise _cause(problem) from None
        except exceptions.RayError as problem:
            logger.warning("Ray: %s", type(problem).__name__)
            raise ComputeLost from None


def _cause(problem: Any) -> BaseException:
    cause = problem.cause
    return cause if isinstance(cause, BaseException) else ComputeLost()


def _apply(function: Callable[[Any], Any], batch: list[Any]) -> list[Any]:
    GUARD.arm()  # a process that computes reaches nothing at all
    return [function(item) for item in batch]
