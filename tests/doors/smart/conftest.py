"""A small real house with its SMART door, served on a loopback port, and apps registered."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn

from browser import browser as browser
from building import Building
from countersign.app.rooms import PAGED
from countersign.app.web import doors
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from doors.smart.stage import PUBLIC, REDIRECT, SCOPE, Person, Served


@pytest.fixture(scope="module")
def served(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    building = Building(module_database, tmp_path_factory.mktemp("keys"))
    house = replace(building.house, floor=building.floor)
    app = build_http(building.floor, PAGED, mounts=doors(house))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        made = Served(building, f"http://127.0.0.1:{listener.getsockname()[1]}")
        _register(made)
        yield made
        for window in made.windows:
            window.close()
        server.should_exit = True
        thread.join()
    building.close()


def _register(served: Served) -> None:
    everything = f"{SCOPE} launch online_access user/*.rs"
    keys = {"jwks": json.dumps(PUBLIC)}
    redirect = {"redirect_uris": REDIRECT}
    served.apps = {
        "app": served.register(
            "Growth chart", "public", everything, launch_uri="http://127.0.0.1:9/open", **redirect
        ),
        "other": served.register("Other app", "public", everything, **redirect),
        "narrow": served.register("Narrow", "public", "patient/Observation.rs", **redirect),
        "server": served.register("Server app", "confidential", everything, **keys, **redirect),
        "service": served.register(
            "Quality reports", "backend", "system/*.rs system/Observation.c",
            departments=["cardiology"], introspects=True, **keys,
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def wang(served: Served) -> Person:
    """A physician of cardiology: may see p1 and not p2."""
    return Person(served, "wang")
