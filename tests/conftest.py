"""One embedded PostgreSQL for the whole run; each test that asks gets a database of its own."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from countersign.ground.db import Database, EmbeddedPostgres, migrate

if TYPE_CHECKING:
    from furnished import Furnished

SECRET = b"a secret of the tests"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_numbers = itertools.count(1)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are numbered: what is packed by gzip holds the moment of packing, and processes that
    run tests side by side must call each test by the same name."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The owner's connection string of a server whose database ``pattern`` is migrated."""
    with tempfile.TemporaryDirectory(prefix="countersign-test-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        with psycopg.connect(server.conninfo, autocommit=True) as owner:
            owner.execute("alter system set fsync = off")
            owner.execute("select pg_reload_conf()")
            owner.execute("create database pattern")
        migrate(make_conninfo(server.conninfo, dbname="pattern"), SECRET)
        yield server.conninfo
        server.stop()


@pytest.fixture
def database(postgres: str) -> Iterator[Database]:
    """A fresh, migrated database; dropped after the test."""
    yield from _fresh(postgres)


@pytest.fixture(scope="module")
def module_database(postgres: str) -> Iterator[Database]:
    """A fresh, migrated database that the tests of one file share."""
    yield from _fresh(postgres)


def _fresh(postgres: str) -> Iterator[Database]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute(f"create database {name} template pattern")
    database = Database(make_conninfo(postgres, dbname=name), SECRET, pool_size=4)
    yield database
    database.close()
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def furnished() -> Iterator[Furnished]:
    """A demonstration hospital with drafts in it, on a PostgreSQL of its own."""
    from furnished import furnish_once

    yield from furnish_once()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the shared development data; skips, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared development data (../shared/data) is not here")
    return SHARED
