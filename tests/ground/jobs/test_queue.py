"""Work is queued with the caller's data or not at all, once for each patient that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.resources import files

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.jobs import BadJob, Jobs, NotDead

Defer = Callable[..., int]
MAY_DEFER = [
    DbRole.RECEIVER,
    DbRole.ROOM,
    DbRole.STEWARD,
    DbRole.SIGNER,
    DbRole.SENDER,
    DbRole.INTERFACE,
    DbRole.JOBS,
    DbRole.LIBRARY,
]


def waiting(jobs: Jobs) -> list[int]:
    return [job.id for job in jobs.recent() if job.status == "todo"]


def test_a_rolled_back_transaction_leaves_no_job(database: Database, jobs: Jobs) -> None:
    class Fails(Exception):
        pass

    pool = database.pool(DbRole.RECEIVER)
    with pytest.raises(Fails), pool.transaction() as connection:
        jobs.defer(connection, "review", {"patient": "p1"}, lock="p1")
        raise Fails
    assert jobs.recent() == []
    with pool.transaction() as connection:
        job = jobs.defer(connection, "review", {"patient": "p1"}, lock="p1")
        assert jobs.recent() == []
    assert waiting(jobs) == [job]


def test_a_queued_job_can_be_seen(jobs: Jobs, defer: Defer) -> None:
    job = defer("review", {"patient": "p1", "count": 3, "all": True, "ids": ["a", "b"]}, "p1")
    state = jobs.progress(job)
    assert state is not None
    assert (state.task, state.status, state.attempts) == ("review", "todo", 0)
    assert state.args == {"patient": "p1", "count": 3, "all": True, "ids": ["a", "b"]}
    assert (state.progress, state.ended_at) == (None, None)
    assert jobs.progress(job + 1) is None
    assert jobs.recent(limit=1) == [state]


def test_a_patient_waits_once_for_each_task(jobs: Jobs, defer: Defer) -> None:
    first = defer("review", {"patient": "p1"}, "p1")
    assert defer("review", {"patient": "p1"}, "p1") == first
    others = [defer("review", {}, "p2"), defer("other", {}, "p1"), defer("review"), defer("review")]
    assert waiting(jobs) == [*reversed(others), first]


def test_a_merge_in_a_rolled_back_transaction_keeps_the_first(
    database: Database, jobs: Jobs, defer: Defer
) -> None:
    first = defer("review", {}, "p1")
    with (
        pytest.raises(ZeroDivisionError),
        database.pool(DbRole.ROOM).transaction() as connection,
    ):
        assert jobs.defer(connection, "review", {}, "p1") == first
        _ = 1 / 0
    assert waiting(jobs) == [first]


def test_a_merge_wakes_the_workers_after_its_commit(
    database: Database, jobs: Jobs, defer: Defer
) -> None:
    first = defer("review", {}, "p1")
    with (
        psycopg.connect(database.conninfo(DbRole.JOBS), autocommit=True) as listener,
        database.pool(DbRole.ROOM).transaction() as connection,
    ):
        listener.execute("listen procrastinate_any_queue_v1")
        assert jobs.defer(connection, "review", {}, "p1") == first
        assert list(listener.notifies(timeout=0.2)) == []
        connection.commit()
        (notice,) = listener.notifies(timeout=20, stop_after=1)
        assert f'"job_id" : {first}' in notice.payload


def test_the_same_lock_from_two_transactions_at_once_is_one_job(
    database: Database, jobs: Jobs
) -> None:
    barrier = threading.Barrier(4)
    made: list[int] = []

    def once() -> None:
        with database.pool(DbRole.RECEIVER).transaction() as connection:
            barrier.wait()
            made.append(jobs.defer(connection, "review", {}, "p1"))

    threads = [threading.Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert waiting(jobs) == [made[0]] == list(set(made))


def test_a_job_carries_identifiers_only(jobs: Jobs, defer: Defer) -> None:
    refused: list[tuple[str, dict[str, object], str | None]] = [
        ("review", {"name": "王小明"}, None),
        ("review", {"note": "potassium is high"}, None),
        ("review", {"ids": ["p1", "a b"]}, None),
        ("review", {"bundle": {"resourceType": "Patient"}}, None),
        ("review", {"value": 6.9}, None),
        ("review", {"id": "x" * 201}, None),
        ("review", {"王小明": "p1"}, None),
        ("review", {"self": "p1"}, None),
        ("review", {}, "王小明"),
        ("Review It", {}, None),
    ]
    for task, args, lock in refused:
        with pytest.raises(BadJob, match="identifiers only"):
            defer(task, args, lock)
    assert jobs.recent() == []


def test_the_database_refuses_content_too(database: Database) -> None:
    for args in ('{"name": "王小明"}', "[]", '"x"', '{"a": "%s"}' % ("x" * 4000)):
        with (
            pytest.raises(psycopg.DatabaseError, match="identifiers only"),
            database.pool(DbRole.ROOM).transaction() as connection,
        ):
            connection.execute("select jobs.defer('review', %s, null, 0)", (args,))


def test_roles_may_defer_or_nothing(database: Database, jobs: Jobs) -> None:
    for role in MAY_DEFER:
        with database.pool(role).transaction() as connection:
            jobs.defer(connection, "review", {"patient": "p1"})
    assert len(jobs.recent()) == len(MAY_DEFER)
    for role in DbRole:
        attempts = [
            "select * from jobs.procrastinate_jobs",
            "update jobs.procrastinate_jobs set status = 'succeeded'",
            "delete from jobs.procrastinate_jobs",
            "insert into jobs.failure (job_id, code, type) values (1, '', '')",
            "select * from jobs.progress",
            "select jobs.retry(1)",
            "select jobs.rescue(0, 0)",
            "select jobs.procrastinate_fetch_job_v2(null, 1)",
        ]
        if role not in MAY_DEFER:
            attempts.append("select jobs.defer('review', '{}', null, 0)")
        for attempt in attempts if role is not DbRole.JOBS else []:
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.pool(role).transaction() as connection,
            ):
                connection.execute(attempt)  # type: ignore[arg-type]


def test_the_queue_reads_nothing_but_itself(database: Database) -> None:
    for table in ("vault.data_key", "models.version", "ledger.event"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            database.pool(DbRole.JOBS).transaction() as connection,
        ):
            connection.execute(f"select * from {table}")  # type: ignore[arg-type]


def test_only_dead_letters_are_retried(jobs: Jobs, defer: Defer) -> None:
    job = defer("review")
    for number in (job, job + 100):
        with pytest.raises(NotDead, match=str(number)):
            jobs.retry(number, Principal("adm-1", "A", "person"))
    assert jobs.dead() == []


def test_old_successes_are_swept_and_failures_stay(
    database: Database, jobs: Jobs, defer: Defer
) -> None:
    old, fresh, failed, todo = defer("a"), defer("b"), defer("c"), defer("d")
    with psycopg.connect(database.owner_conninfo, options="-c search_path=jobs") as owner:
        owner.execute("update procrastinate_jobs set status = 'doing' where id <> %s", (todo,))
        owner.execute(
            "update procrastinate_jobs set status = 'succeeded' where id in (%s, %s)", (old, fresh)
        )
        owner.execute("update procrastinate_jobs set status = 'failed' where id = %s", (failed,))
        owner.execute(
            "update procrastinate_events set at = now() - interval '3 days' where job_id <> %s",
            (fresh,),
        )
    with database.pool(DbRole.JOBS).transaction() as connection:
        connection.execute("select jobs.sweep('2 days')")
    assert [job.id for job in jobs.recent()] == [todo, failed, fresh]


def test_a_periodic_task_is_deferred_once_among_all_processes(
    database: Database, jobs: Jobs
) -> None:
    pool = database.pool(DbRole.JOBS)
    due = "select jobs.defer_due('{expire,count}', '{3600,0}')"
    for _ in range(3):
        with pool.transaction() as connection:
            connection.execute(due)
    assert sorted(job.task for job in jobs.recent()) == ["count", "expire"]
    with psycopg.connect(database.owner_conninfo, options="-c search_path=jobs") as owner:
        owner.execute("update procrastinate_jobs set status = 'doing'")
    with pool.transaction() as connection:
        connection.execute(due)
    assert sorted(job.task for job in jobs.recent()) == ["count", "count", "expire"]


def test_the_schema_is_that_of_the_installed_queue() -> None:
    """A newer procrastinate with new migrations needs a new revision of ours that runs them."""
    shipped = max(
        entry.name
        for entry in (files("procrastinate.sql") / "migrations").iterdir()
        if entry.name.endswith(".sql")
    )
    revisions = files("countersign.ground.db") / "migrations" / "versions"
    assert f'"{shipped}"' in (revisions / "0006_jobs.py").read_text()
