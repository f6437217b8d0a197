"""One fault server for all tests of the gateway, and a hospital's gateway for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.ground.db import Database
from ground.models.gateway.ward import Ward, ward
from llm.server import FaultServer, fault_server


@pytest.fixture(scope="session")
def faulty() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server


@pytest.fixture(scope="module")
def shared_ward(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory, faulty: FaultServer
) -> Iterator[Ward]:
    with ward(module_database, tmp_path_factory.mktemp("ward")) as built:
        built.connect("one", faulty.address)
        yield built


@pytest.fixture
def here(shared_ward: Ward) -> Ward:
    """A gateway with one server, ``one``, that is the fault server; nobody is assigned yet."""
    shared_ward.begin()
    return shared_ward


@pytest.fixture
def alone(database: Database, tmp_path: Path, faulty: FaultServer) -> Iterator[Ward]:
    """The same on a database of its own."""
    with ward(database, tmp_path) as built:
        built.connect("one", faulty.address)
        yield built
