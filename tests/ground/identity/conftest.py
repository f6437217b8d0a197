"""The hospital that the tests of identity share a shape of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from countersign.ground.db import Database
from ground.identity.world import World


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """A hospital of its own for one test."""
    one = World(database)
    yield one
    one.ledger.close()


@pytest.fixture(scope="module")
def shared_world(module_database: Database) -> Iterator[World]:
    """One hospital for tests that only ask the policy."""
    one = World(module_database)
    yield one
    one.ledger.close()
