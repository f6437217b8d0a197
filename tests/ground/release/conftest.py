"""The building in which these tests release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import Building
from countersign.ground.db import Database


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    one = Building(module_database, tmp_path_factory.mktemp("house"))
    yield one
    one.close()
