"""A real worker on the real database: runs, retries, buries and brings back jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.jobs import Interrupted, JobContext, Jobs, NotNow, Periodic, worker
from countersign.ground.ledger import EventQuery, Ledger
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .conftest import HURRY, Working

Defer = Callable[..., int]
Eventually = Callable[[Callable[[], object]], None]
ADMIN = Principal("adm-1", "An administrator", "person")


class Refused(CountersignError):
    code = "test.refused"


def status(jobs: Jobs, job: int) -> str:
    state = jobs.progress(job)
    return state.status if state else "gone"


def test_jobs_run_with_their_arguments(
    jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    seen: list[tuple[str, int, JSON]] = []

    def handler(context: JobContext, args: JSON) -> None:
        seen.append((context.task, context.attempt, args))

    before = defer("review", {"patient": "p1"})
    with working({"review": handler, "other": handler}):
        eventually(lambda: status(jobs, before) == "succeeded")
        after = defer("other", {"context": "x", "queued": "y"})
        eventually(lambda: status(jobs, after) == "succeeded")
    assert seen == [("review", 1, {"patient": "p1"}), ("other", 1, {"context": "x", "queued": "y"})]
    state = jobs.progress(after)
    assert state is not None and state.ended_at is not None
    assert state.ended_at >= state.deferred_at


def listens(defer: Defer, ran: threading.Event, task: str) -> None:
    """Returns once the worker has run a job because it was told so, not at its start."""
    for _ in range(2):
        ran.clear()
        for _ in range(100):
            defer(task, {}, "same")
            if ran.wait(0.2):
                break
        assert ran.is_set()


def test_a_notification_starts_work_without_waiting_for_the_poll(
    defer: Defer, working: Working
) -> None:
    ran = threading.Event()
    with working({"told": lambda context, args: ran.set()}, pace=replace(HURRY, poll=3600)):
        listens(defer, ran, "told")


def test_two_patients_at_once_but_one_patient_in_turn(
    jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    together = threading.Barrier(2)
    running: set[str] = set()
    overlaps: list[str] = []

    def meet(context: JobContext, args: JSON) -> None:
        together.wait(timeout=20)

    def alone(context: JobContext, args: JSON) -> None:
        if args["patient"] in running:
            overlaps.append(args["patient"])
        running.add(args["patient"])
        if context.attempt == 1 and len(pairs) < 2:
            pairs.append(defer("alone", {"patient": "p1"}, "p1"))
        threading.Event().wait(0.2)
        running.discard(args["patient"])

    pairs: list[int] = []
    with working({"meet": meet, "alone": alone}):
        both = [defer("meet", {}, "p1"), defer("meet", {}, "p2")]
        eventually(lambda: [status(jobs, job) for job in both] == ["succeeded"] * 2)
        defer("alone", {"patient": "p1"}, "p1")
        eventually(lambda: len(pairs) == 2 and status(jobs, pairs[1]) == "succeeded")
    assert len(set(pairs)) == 2
    assert overlaps == []


def test_a_merged_job_waits_for_the_data_of_the_second(
    database: Database, jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    """Otherwise the review could run between the merge and the commit, and miss a result."""
    ran = threading.Event()
    handlers = {
        "review": lambda context, args: None,
        "marker": lambda context, args: ran.set(),
    }

    first = defer("review", {}, "p1")
    with database.pool(DbRole.RECEIVER).transaction() as connection:
        assert jobs.defer(connection, "review", {}, "p1") == first
        with working(handlers, pace=HURRY):
            listens(defer, ran, "marker")
            assert status(jobs, first) == "todo"
            connection.commit()
            eventually(lambda: status(jobs, first) == "succeeded")


def test_a_failure_is_retried_then_buried_then_brought_back(
    jobs: Jobs, ledger: Ledger, defer: Defer, working: Working, eventually: Eventually
) -> None:
    attempts: list[int] = []
    mended = threading.Event()

    def handler(context: JobContext, args: JSON) -> None:
        attempts.append(context.attempt)
        if not mended.is_set():
            raise Refused

    with working({"review": handler}):
        job = defer("review", {"patient": "p1"}, "p1")
        eventually(jobs.dead)
        (letter,) = jobs.dead()
        assert (letter.id, letter.task, letter.args) == (job, "review", {"patient": "p1"})
        assert (letter.attempts, letter.code, letter.type) == (4, "test.refused", "Refused")
        assert attempts == [1, 2, 3, 4]
        mended.set()
        jobs.retry(job, ADMIN)
        eventually(lambda: status(jobs, job) == "succeeded")
    assert jobs.dead() == []
    (event,) = ledger.events(EventQuery()).events
    assert (event.kind, event.actor, event.subject) == ("job-retried", ADMIN.actor, f"job:{job}")


def test_clinical_text_of_an_error_is_kept_nowhere(
    database: Database,
    jobs: Jobs,
    defer: Defer,
    working: Working,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    def handler(context: JobContext, args: JSON) -> None:
        try:
            raise KeyError("Wang Xiaoming")
        except KeyError:
            raise ValueError("potassium 6.9 of Wang Xiaoming") from None

    with working({"review": handler}, pace=replace(HURRY, retry_after=())):
        defer("review")
        eventually(jobs.dead)
    assert (jobs.dead()[0].code, jobs.dead()[0].type) == ("jobs.unexpected", "ValueError")
    assert "ValueError" in caplog.text
    everything = caplog.text + "".join(
        str(record.__dict__) for record in caplog.records if record.name != "root"
    )
    with psycopg.connect(database.owner_conninfo) as owner:
        for table in ("procrastinate_jobs", "procrastinate_events", "failure", "progress"):
            everything += str(owner.execute(f"select * from jobs.{table}").fetchall())  # type: ignore[arg-type]
    assert "Xiaoming" not in everything and "potassium" not in everything


def test_without_a_receipt_nothing_is_retried(
    database: Database, jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    job = defer("nobody-knows-this")
    with working({}):
        eventually(jobs.dead)
    assert jobs.dead()[0].code == "jobs.no-handler"
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("alter function ledger.append(bytea[]) rename to append_gone")
    with pytest.raises((CountersignError, psycopg.Error)):
        jobs.retry(job, ADMIN)
    assert status(jobs, job) == "failed"


def test_a_retry_does_not_collide_with_a_newer_job_of_the_same_patient(
    jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    newer: list[int] = []

    def handler(context: JobContext, args: JSON) -> None:
        if not newer:
            newer.append(defer("review", {"patient": "p1"}, "p1"))
            raise Refused

    with working({"review": handler}):
        first = defer("review", {"patient": "p1"}, "p1")
        eventually(lambda: newer and status(jobs, newer[0]) == "succeeded")
        eventually(lambda: status(jobs, first) == "succeeded")
    assert newer != [first]


def test_progress_is_shown_and_not_written_too_often(
    database: Database, jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    looked, half = threading.Event(), threading.Event()

    def handler(context: JobContext, args: JSON) -> None:
        context.progress(0, None, "import.reading")
        context.progress(500, 1000, "import.writing")
        half.set()
        looked.wait(20)
        for done in range(501, 1001):
            context.progress(done, 1000, "import.writing")

    with working({"load": handler}):
        job = defer("load")
        assert half.wait(20)
        state = jobs.progress(job)
        assert state is not None and state.progress is not None
        assert (state.status, state.progress.done, state.progress.total) == ("doing", 500, 1000)
        assert state.progress.note == "import.writing"
        with psycopg.connect(database.owner_conninfo) as owner:
            before = _updates(owner)
        looked.set()
        eventually(lambda: status(jobs, job) == "succeeded")
        state = jobs.progress(job)
        assert state is not None and state.progress is not None
        assert state.progress.done == 1000
    with psycopg.connect(database.owner_conninfo) as owner:
        assert _updates(owner) - before < 50


def _updates(owner: psycopg.Connection) -> int:
    """How often the row of the only progress was written, by its transaction numbers."""
    row = owner.execute("select xmin::text::bigint from jobs.progress").fetchone()
    assert row is not None
    return row[0]


def test_stopping_lets_a_job_finish_and_an_interrupted_one_start_again(
    jobs: Jobs, defer: Defer, working: Working, eventually: Eventually
) -> None:
    begun = threading.Semaphore(0)
    again = threading.Event()

    def finishes(context: JobContext, args: JSON) -> None:
        begun.release()
        while not context.stopping:
            threading.Event().wait(0.01)

    def interrupted(context: JobContext, args: JSON) -> None:
        begun.release()
        while not again.is_set():
            if context.stopping:
                raise Interrupted
            threading.Event().wait(0.01)

    handlers = {"finishes": finishes, "interrupted": interrupted}
    with working(handlers):
        pair = [defer("finishes"), defer("interrupted")]
        assert begun.acquire(timeout=20) and begun.acquire(timeout=20)
    assert [status(jobs, job) for job in pair] == ["succeeded", "todo"]
    again.set()
    with working(handlers):
        eventually(lambda: status(jobs, pair[1]) == "succeeded")


def test_work_that_must_wait_keeps_all_its_attempts(
    jobs: Jobs,
    defer: Defer,
    working: Working,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "WAIT", 0)
    told: list[str] = []

    def handler(context: JobContext, args: JSON) -> None:
        told.append("wait" if len(told) < 6 else f"fail {context.attempt}")
        raise NotNow if told[-1] == "wait" else Refused

    with working({"review": handler}):
        defer("review")
        eventually(jobs.dead)
    assert told == ["wait"] * 6 + [f"fail {attempt}" for attempt in (1, 2, 3, 4)]
    assert jobs.dead()[0].attempts == 4


def test_the_worker_outlives_its_connections_and_an_outage(
    database: Database,
    jobs: Jobs,
    defer: Defer,
    working: Working,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = conninfo_to_dict(database.owner_conninfo)["dbname"]
    elsewhere = make_conninfo(database.owner_conninfo, dbname="postgres")
    with (
        psycopg.connect(elsewhere, autocommit=True) as owner,
        working({"review": lambda context, args: None}),
    ):
        for outage in (False, True):
            job = _deferred(defer, eventually)
            eventually(lambda job=job: status(jobs, job) == "succeeded")
            if outage:
                owner.execute(f"alter database {name} allow_connections false")  # type: ignore[arg-type]
            owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
            )
            if outage:
                eventually(lambda: "the worker lost the database" in caplog.text)
                owner.execute(f"alter database {name} allow_connections true")  # type: ignore[arg-type]
            eventually(lambda: _answers(jobs))
        eventually(lambda: _answers(jobs))
        job = _deferred(defer, eventually)
        eventually(lambda: status(jobs, job) == "succeeded")


def _deferred(defer: Defer, eventually: Eventually) -> int:
    made: list[int] = []

    def try_it() -> bool:
        try:
            made.append(defer("review"))
        except CountersignError:
            return False
        return True

    eventually(try_it)
    return made[0]


def _answers(jobs: Jobs) -> bool:
    """Until the pool has noticed which of its connections are dead."""
    try:
        return jobs.recent() is not None
    except CountersignError:
        return False


def test_periodic_tasks_keep_coming(working: Working) -> None:
    ran = threading.Semaphore(0)
    with working({"expire": lambda context, args: ran.release()}, [Periodic("expire", 0.2)]):
        for _ in range(3):
            assert ran.acquire(timeout=20)
