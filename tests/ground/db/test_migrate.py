"""A database comes to the newest schema once, whoever starts, and however many at once."""

import subprocess
import sys

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from countersign.ground.db import DbRole, connection_check, migrate
from countersign.ground.db.pools import password

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
    _check_calendar(conninfo)
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute("drop database together with (force)")


def _check_calendar(conninfo: str) -> None:
    """Today is today in the hospital's zone, and a role that signs cannot say otherwise."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never one day
        migrate(conninfo, SECRET.encode(), zone)
        role = password(SECRET.encode(), DbRole.SIGNER)
        signer = make_conninfo(conninfo, user=str(DbRole.SIGNER), password=role)
        with psycopg.connect(signer) as connection:
            connection.execute("set time zone 'Asia/Shanghai'")
            said = connection.execute(
                "select house.today() = (clock_timestamp() at time zone %s)::date", (zone,)
            ).fetchone()
            assert said == (True,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("update house.calendar set zone = 'UTC'")
