"""The house of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from building import Building
from countersign.ground.db import Database


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    """A house of its own."""
    made = Building(database, tmp_path)
    yield made
    made.close()
