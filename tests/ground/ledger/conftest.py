"""A ledger on a real database, with a clock and salts that a test can foresee."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import Event, EventKind, Ledger, Signer
from ground.ledger.known import ORIGIN, START, Owner


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, bytes(range(32)))


@pytest.fixture
def ledger(database: Database, signer: Signer) -> Iterator[Ledger]:
    """Makes checkpoints on demand only; its clock moves one second at each event."""
    ticks = itertools.count()
    made = Ledger(
        database.pool(DbRole.LEDGER),
        signer,
        lambda: START + timedelta(seconds=next(ticks)),
        checkpoint_every=None,
    )
    yield made
    made.close()


@pytest.fixture
def owner(database: Database) -> Owner:
    """Runs a statement as the superuser, with every trigger switched off."""

    def run(statement: str) -> None:
        with psycopg.connect(database.owner_conninfo) as connection:
            connection.execute("set session_replication_role = replica")
            for table in ("leaf", "event", "tile", "checkpoint"):
                connection.execute(f"alter table ledger.{table} disable trigger append_only")
            connection.execute("alter table ledger.head disable trigger only_forward")
            connection.execute(statement)

    return run


@pytest.fixture
def viewed() -> Event:
    return Event(EventKind.CHART_VIEWED, "person:1", patient="p1", subject="Patient/p1")
