"""The building that the attempts of one file share; each works on drafts of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import Building
from countersign.ground.db import Database
from gate.stage import Stage


@pytest.fixture(scope="module")
def stage(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    building = Building(module_database, tmp_path_factory.mktemp("house"))
    yield Stage(building)
    building.close()
