"""A database comes to the newest schema once, whoever starts, and however many at once."""

import subprocess
import sys

import psycopg
from psycopg.conninfo import make_conninfo

from countersign.ground.db import connection_check, migrate

SECRET = "a secret of the tests"
START = "import sys; from countersign.ground.db import migrate; migrate(sys.argv[1], b'%s')"


def test_processes_that_start_together_do_not_migrate_twice(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute("create database together")
    conninfo = make_conninfo(postgres, dbname="together")
    command = [sys.executable, "-c", START % SECRET, conninfo]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    present, needed = connection_check.schema(conninfo)
    assert present == needed
    migrate(conninfo, SECRET.encode())
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute("drop database together with (force)")
