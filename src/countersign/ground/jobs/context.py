"""What a handler is given beside its arguments, and what is kept when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from countersign.ground.db import DatabaseUnavailable, Pool
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

logger = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two writes of a job's progress."""


class Interrupted(Exception):
    """A handler raises it when ``stopping`` is true; its job soon starts again elsewhere."""


class NotNow(Interrupted):
    """A handler raises it when its work must wait, such as while AI is stopped.

    However often a job waits, it keeps all its attempts.
    """


class JobFailed(Exception):
    """Stands for a handler's error where the queue logs it: a code, and no clinical text."""


def _silent(done: int, total: int | None, note: str) -> None:
    """Where nobody watches."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class JobContext:
    """One attempt at one job. ``attempt`` counts from 1."""

    job_id: int
    task: str
    attempt: int = 1
    report: Callable[[int, int | None, str], None] = field(default=_silent, repr=False)
    asked_to_stop: Callable[[], bool] = field(default=_never, repr=False)

    @property
    def stopping(self) -> bool:
        """True when the worker wants to stop: finish soon, or raise Interrupted."""
        return self.asked_to_stop()

    def progress(self, done: int, total: int | None, note: str = "") -> None:
        """Shows pages how far the job is; call it as often as is handy.

        ``note`` is a code such as "import.validating", which pages translate; ``total`` is
        None while it is unknown. Written four times a second at most, except for a new
        note and for the end.
        """
        self.report(done, total, note)


Handler = Callable[[JobContext, JSON], None]
"""Does one job. It may be started again after it did its work, so it must bear repetition."""


class ProgressRow:
    """Writes the progress of one job, not oftener than anybody looks."""

    def __init__(self, pool: Pool, job_id: int, seconds: Callable[[], float]) -> None:
        self._pool = pool
        self._job_id = job_id
        self._seconds = seconds
        self._written: tuple[float, str] | None = None

    def write(self, done: int, total: int | None, note: str) -> None:
        now = self._seconds()
        if self._written is not None and done != total:
            at, before = self._written
            if note == before and now - at < EVERY:
                return
        self._written = now, note
        with self._pool.transaction() as connection:
            connection.execute(
                "insert into jobs.progress (job_id, done, total, note) values (%s, %s, %s, %s)"
                " on conflict (job_id) do update set done = excluded.done,"
                " total = excluded.total, note = excluded.note, at = now()",
                (self._job_id, done, total, note),
            )


def attempt(handler: Handler, context: JobContext, args: JSON, pool: Pool) -> None:
    """Runs a handler; of what goes wrong only a code and a type are kept.

    The error itself may quote a patient's record, so it reaches neither the queue's log
    nor its tables. Raises JobFailed, or Interrupted without its words.
    """
    problem = _outcome(handler, context, args)
    if problem is None:
        return
    if isinstance(problem, Interrupted):
        _uncount(pool, context.job_id)
        raise type(problem)
    code = problem.code if isinstance(problem, CountersignError) else "jobs.unexpected"
    kind, place = type(problem).__qualname__[:128], _place(problem)
    del problem
    logger.warning("job %d %s: %s %s at %s", context.job_id, context.task, code, kind, place)
    _keep(pool, context.job_id, code, kind)
    raise JobFailed(code)


def _outcome(handler: Handler, context: JobContext, args: JSON) -> BaseException | None:
    try:
        handler(context, args)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - each belongs into the dead letters
        return problem
    return None


def _uncount(pool: Pool, job_id: int) -> None:
    """Takes back the attempt that the queue is about to count: waiting is no failure."""
    try:
        with pool.transaction() as connection:
            connection.execute(
                "update jobs.procrastinate_jobs set attempts = attempts - 1"
                " where id = %s and status = 'doing'",
                (job_id,),
            )
    except DatabaseUnavailable:
        logger.warning("job %d: its wait counts as an attempt", job_id)


def _keep(pool: Pool, job_id: int, code: str, kind: str) -> None:
    try:
        with pool.transaction() as connection:
            connection.execute(
                "insert into jobs.failure (job_id, code, type) values (%s, %s, %s)",
                (job_id, code, kind),
            )
    except DatabaseUnavailable:
        logger.warning("job %d: the reason could not be written", job_id)


def _place(problem: BaseException) -> str:
    """Module and line where it was raised, without any value."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', 'unknown')}:{trace.tb_lineno}"
