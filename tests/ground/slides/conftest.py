"""A house that the tests of one file share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import Building
from countersign.ground.db import Database


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()
