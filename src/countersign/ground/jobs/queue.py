"""Puts work into the queue, shows how it goes, and brings back what failed."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.json import JSON

from .context import Handler
from .errors import BadJob, NotDead
from .worker import Pace, Periodic, Worker

_TASK = re.compile(r"[a-z0-9.-]{1,100}")
_ARGUMENT = re.compile(r"(?!self$)[a-z][a-z0-9_]{0,63}")
_IDENTIFIER = re.compile(r"[!-~]{0,200}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job said it is; ``note`` is a code, ``total`` None while it is unknown."""

    done: int
    total: int | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as pages show it; ``status`` is todo, doing, succeeded, failed or cancelled."""

    id: int
    task: str
    args: JSON
    status: str
    attempts: int
    deferred_at: datetime
    ended_at: datetime | None
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that failed for good, with the code and type of its last error."""

    id: int
    task: str
    args: JSON
    attempts: int
    failed_at: datetime
    code: str
    type: str


class Jobs:
    """The queue. Its own look-ups and the worker log in as DbRole.JOBS."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._pool = database.pool(DbRole.JOBS)
        self._ledger = ledger

    def defer(
        self,
        connection: Connection[Any],
        task: str,
        args: JSON,
        lock: str | None = None,
        priority: int = 0,
    ) -> int:
        """Queues a job within the caller's own transaction and returns its id.

        With a ``lock``, such as a patient's id, a job of the same task and lock that still
        waits takes this one in (the waiting job's arguments stay), and jobs of one task and
        lock run one after the other. The worker starts after the caller's commit. Jobs of
        higher ``priority`` run first. Raises BadJob for anything but identifiers.
        """
        _check(task, args, lock)
        with connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                "select jobs.defer(%s, %s, %s, %s) as id", (task, Jsonb(args), lock, priority)
            ).fetchone()
        assert row is not None  # noqa: S101 - a function call has one row
        return row["id"]

    def run_worker(
        self,
        handlers: Mapping[str, Handler],
        stop: threading.Event,
        periodic: Sequence[Periodic] = (),
        pace: Pace | None = None,
    ) -> None:
        """Works in the calling thread until ``stop`` is set; outlives database restarts."""
        Worker(self._database, handlers, stop, periodic, pace or Pace()).run()

    def progress(self, job_id: int) -> JobState | None:
        """One job, or None when it never was or is long done."""
        rows = self._pool.rows(_STATES + " where job.id = %s", (job_id,))
        return _state(rows[0]) if rows else None

    def recent(self, limit: int = 50) -> list[JobState]:
        """The jobs queued last, the newest first."""
        rows = self._pool.rows(_STATES + " order by job.id desc limit %s", (limit,))
        return [_state(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        rows = self._pool.rows(
            "select status::text as status, count(*) as n from jobs.procrastinate_jobs group by 1"
        )
        return {row["status"]: row["n"] for row in rows}

    def dead(self, limit: int = 200) -> list[DeadJob]:
        """The dead letters, the newest failure first."""
        return [DeadJob(**row) for row in self._pool.rows(_DEAD, (limit,))]

    def retry(self, job_id: int, principal: Principal) -> None:
        """Queues a dead letter again; the job and the receipt are written together.

        Raises NotDead, LedgerUnavailable, DatabaseUnavailable.
        """
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute("select jobs.retry(%s) as task", (job_id,)).fetchone()
            if row is None or row["task"] is None:
                raise NotDead(job=job_id)
            unit.record(
                Event(
                    EventKind.JOB_RETRIED,
                    principal.actor,
                    subject=f"job:{job_id}",
                    detail={"task": row["task"]},
                )
            )


_STATES = """
select job.id, job.task_name as task, job.args, job.status::text as status, job.attempts,
    (select min(at) from jobs.procrastinate_events as event
     where event.job_id = job.id and event.type = 'deferred') as deferred_at,
    (select max(at) from jobs.procrastinate_events as event
     where event.job_id = job.id and event.type in ('succeeded', 'failed', 'cancelled', 'aborted')
       and job.status not in ('todo', 'doing')) as ended_at,
    progress.done, progress.total, progress.note, progress.at
from jobs.procrastinate_jobs as job left join jobs.progress on progress.job_id = job.id
"""

_DEAD = """
select job.id, job.task_name as task, job.args, job.attempts, ended.at as failed_at,
    coalesce(last.code, 'jobs.no-handler') as code, coalesce(last.type, '') as type
from jobs.procrastinate_jobs as job
cross join lateral (
    select max(at) as at from jobs.procrastinate_events as event
    where event.job_id = job.id and event.type = 'failed') as ended
left join lateral (
    select code, type from jobs.failure where failure.job_id = job.id
    order by failure.id desc limit 1) as last on true
where job.status = 'failed'
order by ended.at desc, job.id desc limit %s
"""


def _state(row: dict[str, Any]) -> JobState:
    done, total, note, at = (row.pop(name) for name in ("done", "total", "note", "at"))
    return JobState(**row, progress=None if done is None else Progress(done, total, note, at))


def _check(task: str, args: JSON, lock: str | None) -> None:
    if not _TASK.fullmatch(task):
        raise BadJob(task="This task", reason="its name is not lower-case letters, digits, . and -")
    if not all(_ARGUMENT.fullmatch(name) for name in args):
        raise BadJob(task=task, reason="an argument's name is not lower-case letters, digits and _")
    for name, value in {**args, "its lock": lock}.items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        if not all(_is_identifier(one) for one in values):
            raise BadJob(task=task, reason=f"{name} is no identifier")


def _is_identifier(value: object) -> bool:
    if isinstance(value, str):
        return _IDENTIFIER.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int)
