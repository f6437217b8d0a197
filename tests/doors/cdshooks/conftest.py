"""A small real house with one workstation of another maker in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import INSTALLER, Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from doors.cdshooks.stage import WANG, Workstation, identified, workstation


@pytest.fixture(scope="module")
def ward(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workstation]:
    """Registered for cardiology, answered; nobody said that it identifies physicians."""
    building = Building(module_database, tmp_path_factory.mktemp("home"))
    register_models(building.house)
    identified(building)
    made = workstation(building)
    building.floor.cds.clients.link(made.id, WANG, building.people["wang"], by=INSTALLER)
    yield made
    building.close()


@pytest.fixture
def known(ward: Workstation) -> Iterator[Workstation]:
    """The same, while the administrator trusts what it says about who is at the screen."""
    ward.identifying()
    yield ward
    clients = ward.building.floor.cds.clients
    clients.switch(ward.id, answered=True, identifies=False, by=INSTALLER)
