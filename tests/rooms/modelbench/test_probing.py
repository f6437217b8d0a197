"""A connected server shows its models at once; what they can do is found out by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from building import Building
from countersign.ground.db import Database
from countersign.ground.egress import places
from countersign.ground.models import PROBE, NewServer
from countersign.rooms.modelbench.jobs import handlers
from llm.server import fault_server


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path, egress=places(["127.0.0.1"]))
    yield made
    made.close()


def test_the_list_comes_first_and_the_rest_by_a_job(building: Building) -> None:
    desk, admin, context = building.floor.models, building.who("admin"), _Context()
    with fault_server(models=("ok", "ignores-schema")) as server:
        desk.put(admin, NewServer("ward", server.address, places=2))
        found = desk.look(admin, "ward")
        assert {one.model for one in found.models} == {"ok", "ignores-schema"}
        assert found.able("ok", "json_schema") is None
        waiting = [job for job in building.floor.jobs.recent() if job.task == PROBE]
        assert len(waiting) == 1
        handlers(building.floor)[PROBE](context, {"server": "ward"})
        probed = desk.server("ward")
        assert probed.able("ok", "json_schema") is True
        assert probed.able("ignores-schema", "json_schema") is False
    handlers(building.floor)[PROBE](context, {"server": "ward"})
    assert desk.server("ward").able("ok", "json_schema") is True, "what was known stays"
    handlers(building.floor)[PROBE](context, {"server": "removed-meanwhile"})


class _Context:
    """What a job is given; this one needs nothing of it."""

    stopping = False

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)
