"""A ledger on a real database, with a clock and salts that a test can foresee."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress, places
from countersign.ground.ledger import Event, EventKind, Ledger, Signer
from ground.ledger.known import ORIGIN, START, Owner, permit_all


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, bytes(range(32)))


@pytest.fixture
def unrestricted(database: Database) -> Database:
    permit_all(database)
    return database


@pytest.fixture
def ledger(unrestricted: Database, signer: Signer) -> Iterator[Ledger]:
    """Makes checkpoints on demand only; its clock moves one second at each event."""
    database = unrestricted
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
def egress() -> Iterator[Egress]:
    """Reaches this machine alone."""
    made = Egress(places(["127.0.0.1"]))
    yield made
    made.close()


@pytest.fixture
def owner(database: Database) -> Owner:
    """Runs a statement as the superuser, with every trigger switched off."""

    def run(statement: str) -> None:
        with psycopg.connect(database.owner_conninfo) as connection:
            connection.execute("set session_replication_role = replica")
            for table in ("head", "leaf", "event", "tile", "checkpoint", "pruned", "cosignature"):
                connection.execute(f"alter table ledger.{table} disable trigger user")
            connection.execute(statement)

    return run


@pytest.fixture
def viewed() -> Event:
    return Event(EventKind.CHART_VIEWED, "person:1", patient="p1", subject="Patient/p1")
