"""Each part logs in as its own role and can do nothing as the owner."""

import psycopg
import pytest

from countersign.ground.db import Database, DatabaseUnavailable, DbRole


@pytest.mark.parametrize("role", list(DbRole))
def test_every_role_logs_in_as_itself(database: Database, role: DbRole) -> None:
    assert database.pool(role).rows("select current_user as me") == [{"me": str(role)}]


@pytest.mark.parametrize("role", list(DbRole))
def test_no_role_may_create_or_become_another(database: Database, role: DbRole) -> None:
    for attempt in ("create table public.x (id int)", "create schema x", "set role postgres"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            database.pool(role).transaction() as connection,
        ):
            connection.execute(attempt)


def test_a_wrong_secret_opens_nothing(database: Database) -> None:
    stranger = Database(database.owner_conninfo, b"another secret")
    with pytest.raises(psycopg.OperationalError), psycopg.connect(stranger.conninfo(DbRole.ROOM)):
        pass


def test_a_database_that_is_gone_says_what_to_do() -> None:
    nowhere = Database("host=/nonexistent dbname=x", b"s")
    pool = nowhere.pool(DbRole.ROOM)
    pool._pool.timeout = 0.2  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(DatabaseUnavailable, match="tell IT"):
        pool.rows("select 1")
    nowhere.close()
