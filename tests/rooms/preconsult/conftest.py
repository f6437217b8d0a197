"""A house whose hospital has signed the protocol of pre-consultation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from building import Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.rooms.preconsult.inference import content


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    register_models(made.house)
    protocols = made.floor.interviews.protocols
    drafted = protocols.draft(made.who("li"), content())
    protocols.sign(made.who("li"), drafted, protocols.one(drafted).sha256)
    yield made
    made.close()
