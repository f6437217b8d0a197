"""Runs jobs in threads of this process until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg import Error
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from countersign.ground.db import Database, DatabaseUnavailable, DbRole

from .context import Handler, Interrupted, JobContext, NotNow, ProgressRow, attempt

logger = logging.getLogger(__name__)

WAIT = 10
"""Seconds until work that must wait is tried again."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task of every so many seconds; it gets no arguments and never waits twice."""

    task: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker behaves in time; all numbers are seconds.

    After each failure but the last a job waits as ``retry_after`` says, then it is a dead
    letter. A worker silent for ``silent`` counts as killed and its jobs start again.
    """

    concurrency: int = 2
    poll: float = 1.0
    heartbeat: float = 5.0
    silent: float = 30.0
    retry_after: tuple[float, ...] = (2.0, 10.0, 60.0)
    grace: float = 20.0
    keep: timedelta = timedelta(days=2)
    restart: float = 1.0


class Worker:
    """Procrastinate's worker with the house's rules about errors, retries and lost workers."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        stop: threading.Event,
        periodic: Sequence[Periodic],
        pace: Pace,
    ) -> None:
        self._pool = database.pool(DbRole.JOBS)
        self._conninfo = make_conninfo(
            database.conninfo(DbRole.JOBS), options="-c search_path=jobs -c timezone=UTC"
        )
        self._handlers = handlers
        self._stop = stop
        self._periodic = periodic
        self._pace = pace
        self._swept: float | None = None

    def run(self) -> None:
        """Works until stop is set; starts anew when the database went away."""
        while not self._stop.is_set():
            try:
                asyncio.run(self._serve())
            except (
                DatabaseUnavailable,
                ConnectorException,
                PoolTimeout,
                Error,
                OSError,
            ) as problem:
                logger.warning("the worker lost the database: %s", type(problem).__name__)
            self._stop.wait(self._pace.restart)

    async def _serve(self) -> None:
        """One life of the worker: until stop is set or the database goes away."""
        work = asyncio.create_task(self._work())
        upkeep = asyncio.create_task(self._upkeep())
        try:
            while not self._stop.is_set() and not work.done():
                await asyncio.wait((work,), timeout=0.05)
        finally:
            for task in (upkeep, work):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await upkeep
        with contextlib.suppress(asyncio.CancelledError):
            await work

    async def _work(self) -> None:
        pace = self._pace
        app = self._app()
        async with app.open_async():
            await app.run_worker_async(
                concurrency=pace.concurrency,
                fetch_job_polling_interval=pace.poll,
                abort_job_polling_interval=5.0,
                shutdown_graceful_timeout=pace.grace,
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.silent,
                install_signal_handlers=False,
            )

    def _app(self) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(
            conninfo=self._conninfo,
            min_size=1,
            max_size=self._pace.concurrency + 2,
            timeout=self._pace.silent / 3,
        )
        app = procrastinate.App(connector=connector)
        for name, handler in self._handlers.items():
            app.task(name=name, pass_context=True, retry=_Backoff(self._pace.retry_after))(
                self._running(name, handler)
            )
        return app

    def _running(self, name: str, handler: Handler) -> Any:
        def run(queued: procrastinate.JobContext, /, **args: Any) -> None:
            job_id = queued.job.id or 0
            context = JobContext(
                job_id,
                name,
                queued.job.attempts + 1,
                ProgressRow(self._pool, job_id, time.monotonic).write,
                lambda: self._stop.is_set() or queued.should_abort(),
            )
            attempt(handler, context, args, self._pool)

        return run

    async def _upkeep(self) -> None:
        """Defers periodic tasks, brings back jobs of killed workers, clears away old ones."""
        while True:
            try:
                await asyncio.to_thread(self._tend)
            except DatabaseUnavailable:
                logger.warning("upkeep waits for the database")
            await asyncio.sleep(self._pace.poll)

    def _tend(self) -> None:
        pace = self._pace
        with self._pool.transaction() as connection:
            if self._periodic:
                connection.execute(
                    "select jobs.defer_due(%s::text[], %s::float8[])",
                    (
                        [one.task for one in self._periodic],
                        [float(one.seconds) for one in self._periodic],
                    ),
                )
            connection.execute("select jobs.rescue(%s, %s)", (pace.silent, len(pace.retry_after)))
            now = time.monotonic()
            if self._swept is None or now - self._swept > 3600:
                self._swept = now
                connection.execute("select jobs.sweep(%s)", (pace.keep,))
                connection.execute(_SWEEP_STEPS)


# The queue notes each start and each wait; a job that waits for hours would fill the disk.
_SWEEP_STEPS = """
delete from jobs.procrastinate_events
where type in ('started', 'deferred_for_retry', 'scheduled') and at < now() - interval '1 hour'
"""


class _Backoff(BaseRetryStrategy):
    """Waits longer after each failure.

    What was interrupted starts again soon, but not in the worker that is just stopping.
    """

    def __init__(self, waits: tuple[float, ...]) -> None:
        self._waits = waits

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, NotNow):
            return RetryDecision(retry_in={"seconds": WAIT})
        if isinstance(exception, Interrupted):
            return RetryDecision(retry_in={"seconds": 1})
        if job.attempts >= len(self._waits):
            return None
        return RetryDecision(retry_in={"milliseconds": round(self._waits[job.attempts] * 1000)})
