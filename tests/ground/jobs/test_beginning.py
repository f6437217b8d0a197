"""A process that computes loads what it computes with: no database, no client of the network."""

from __future__ import annotations

import subprocess
import sys

import pytest

from countersign.ground import egress, imaging, jobs
from countersign.kit.json import decode

SPARED = {"cedarpy", "httpx", "procrastinate", "psycopg", "pydicom", "openslide", "webauthn"}
COMPUTES = (
    "ground.jobs.compute",
    "rooms.pathology.inference.computing",
    "rooms.pathology.inference.ki67",
    "rooms.pathology.inference.he",
)


@pytest.mark.parametrize("package", [egress, imaging, jobs])
def test_every_name_of_a_package_is_there_and_no_other(package: object) -> None:
    for name in {*package.__all__} - {"generated"}:  # type: ignore[attr-defined]
        assert getattr(package, name).__class__.__name__ != "module", name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        package.Nothing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("module", COMPUTES)
def test_what_computes_loads_neither_the_database_nor_the_network(module: str) -> None:
    asked = f"import json, sys; import countersign.{module}; print(json.dumps([*sys.modules]))"
    command = [sys.executable, "-c", asked]
    told = subprocess.run(command, capture_output=True, check=True, timeout=120)
    loaded = decode(told.stdout)
    assert isinstance(loaded, list) and f"countersign.{module}" in loaded
    assert SPARED.isdisjoint(map(str, loaded))
