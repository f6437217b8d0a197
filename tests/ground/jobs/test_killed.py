"""A worker that is killed loses no job, and a job that kills its worker ends as a dead letter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import psycopg

from countersign.ground.db import Database, DbRole
from countersign.ground.jobs import Jobs

from .conftest import Working

PROGRAM = """
import sys, threading
from countersign.ground.db import Database, DbRole
from countersign.ground.db.pools import Pool
from countersign.ground.jobs import Pace
from countersign.ground.jobs.worker import Worker

class Here:
    def pool(self, role): return Pool(sys.argv[1], role, 4)
    def conninfo(self, role): return sys.argv[1]

def hang(context, args):
    print("begun", flush=True)
    threading.Event().wait()

Worker(Here(), {"review": hang}, threading.Event(), (), Pace(poll=0.1, heartbeat=0.2)).run()
"""


def test_a_killed_process_leaves_its_job_to_the_next(
    database: Database,
    jobs: Jobs,
    defer: Callable[..., int],
    working: Working,
    eventually: Callable[[Callable[[], object]], None],
) -> None:
    job = defer("review", {"patient": "p1"}, "p1")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, database.conninfo(DbRole.JOBS)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stdout.readline() == "begun\n"
    finally:
        process.kill()
        process.communicate(timeout=20)
    state = jobs.progress(job)
    assert state is not None and state.status == "doing"
    attempts: list[int] = []
    with working({"review": lambda context, args: attempts.append(context.attempt)}):
        eventually(lambda: getattr(jobs.progress(job), "status", "") == "succeeded")
    assert attempts == [2]


def test_a_job_that_kills_every_worker_is_buried(
    database: Database, jobs: Jobs, defer: Callable[..., int]
) -> None:
    job = defer("review")
    pool = database.pool(DbRole.JOBS)
    for lost in range(4):
        with psycopg.connect(database.owner_conninfo, options="-c search_path=jobs") as owner:
            owner.execute(
                "insert into procrastinate_workers (last_heartbeat)"
                " values (now() - interval '1 hour')"
            )
            owner.execute(
                "select procrastinate_fetch_job_v2(null, (select max(id) from"
                " procrastinate_workers))"
            )
        assert pool.rows("select jobs.rescue(30, 3) as found") == [{"found": 1}]
        assert len(jobs.dead()) == (1 if lost == 3 else 0)
    (letter,) = jobs.dead()
    assert (letter.id, letter.code) == (job, "jobs.worker-lost")
    assert pool.rows("select jobs.rescue(30, 3) as found") == [{"found": 0}]


def test_a_living_worker_keeps_its_jobs(
    database: Database, jobs: Jobs, defer: Callable[..., int]
) -> None:
    job = defer("review")
    with psycopg.connect(database.owner_conninfo, options="-c search_path=jobs") as owner:
        owner.execute("insert into procrastinate_workers default values")
        owner.execute(
            "select procrastinate_fetch_job_v2(null, (select max(id) from procrastinate_workers))"
        )
    found = database.pool(DbRole.JOBS).rows("select jobs.rescue(30, 3) as found")
    assert found == [{"found": 0}]
    assert getattr(jobs.progress(job), "status", "") == "doing"
