"""A database that hangs makes nobody wait for ever, and works again when it comes back."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest

from countersign.ground.db import Database, DatabaseUnavailable, DbRole
from countersign.ground.db.pools import Pool


def test_a_stopped_server_process_is_given_up(database: Database) -> None:
    pool = Pool(database.conninfo(DbRole.ROOM), DbRole.ROOM, 2, patience=1.0)
    pid = pool.rows("select pg_backend_pid() as pid")[0]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(DatabaseUnavailable), pool.transaction() as connection:
            connection.execute("select 1")
        assert pool.rows("select 1 as one") == [{"one": 1}], "another one answers"
    finally:
        os.kill(pid, signal.SIGCONT)
        pool.close()


def test_a_lock_that_is_held_is_not_waited_for_without_end(database: Database) -> None:
    pool = database.pool(DbRole.STEWARD)
    with psycopg.connect(database.owner_conninfo) as holder:
        holder.execute("lock table models.switch in access exclusive mode")
        with pytest.raises(DatabaseUnavailable), pool.transaction() as connection:
            connection.execute("set local lock_timeout = '200ms'")
            connection.execute("select stopped from models.switch")
    assert pool.rows("show lock_timeout") == [{"lock_timeout": "30s"}]
    assert pool.rows("select count(*) as n from models.switch") == [{"n": 0}]


def test_after_a_restart_no_connection_of_before_is_handed_out(database: Database) -> None:
    pool = database.pool(DbRole.ROOM)
    pids = {row["pid"] for row in pool.rows("select pg_backend_pid() as pid")}
    with psycopg.connect(database.owner_conninfo) as owner:
        for pid in pids:
            owner.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    assert pool.rows("select 1 as one") == [{"one": 1}]
