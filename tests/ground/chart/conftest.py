"""The chart that these tests read and write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.ground.db import Database
from ground.chart.hospital import Hospital


@pytest.fixture
def hospital(database: Database, tmp_path: Path) -> Iterator[Hospital]:
    """An empty chart for one test."""
    one = Hospital(database, tmp_path / "keys")
    yield one
    one.ledger.close()


@pytest.fixture(scope="module")
def shared_hospital(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hospital]:
    """One chart for tests that read what they need and change nothing of others."""
    one = Hospital(module_database, tmp_path_factory.mktemp("chart") / "keys")
    yield one
    one.ledger.close()
