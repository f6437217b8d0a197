"""A library for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import Building
from countersign.ground.db import Database
from ground.library.shelves import PEOPLE, Shelves


@pytest.fixture(scope="module")
def shelves(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelves]:
    building = Building(module_database, tmp_path_factory.mktemp("home"), staff=PEOPLE)
    yield Shelves(building)
    building.close()
