"""The FHIR door of a small real house, served on a loopback port as other systems see it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from building import INSTALLER, Building
from countersign.doors.fhir.door import door
from countersign.ground.db import Database
from countersign.kit.clock import utc_now


@dataclass
class Served:
    """A running door and tokens for it, by what they may do."""

    building: Building
    base: str
    tokens: dict[str, str]

    def client(self, token: str = "everything") -> httpx.Client:  # noqa: S107 - a name
        headers = {"Authorization": f"Bearer {self.tokens[token]}"} if token else {}
        return httpx.Client(base_url=f"{self.base}/", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def served(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    building = Building(module_database, tmp_path_factory.mktemp("keys"))
    floor = building.floor
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = Starlette(routes=[Mount("/fhir", door(floor))])
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield Served(building, f"http://127.0.0.1:{port}/fhir", _tokens(building))
    server.should_exit = True
    thread.join()
    building.close()


def _tokens(building: Building) -> dict[str, str]:
    until = utc_now() + timedelta(days=1)

    def issue(scopes: list[str], departments: list[str]) -> str:
        return building.floor.clients.issue(
            "a system", scopes, departments, until, by=INSTALLER
        ).token

    return {
        "everything": issue(["system/*.read", "system/*.write"], ["cardiology"]),
        "observations": issue(["system/Observation.read"], ["cardiology"]),
        "elsewhere": issue(["system/*.read", "system/*.write"], ["surgery"]),
    }
