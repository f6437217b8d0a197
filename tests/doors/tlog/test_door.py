"""Outsiders fetch checkpoint and tiles; who did what is served to auditors alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.doorway import session
from countersign.app.house import House, open_house
from countersign.app.web import application
from countersign.ground.ledger import EventQuery, Verifier, merkle
from furnished import Furnished


@pytest.fixture(scope="module")
def app(furnished: Furnished) -> Iterator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished.environment().items():
            patch.setenv(name, value)
        made = application()
    with TestClient(made, "http://127.0.0.1"):
        yield made


@pytest.fixture(scope="module")
def house(furnished: Furnished) -> Iterator[House]:
    with open_house(furnished.settings) as opened:
        yield opened


def test_an_outsider_rebuilds_the_signed_root_from_tiles(app: FastAPI, house: House) -> None:
    outsider = TestClient(app, "http://127.0.0.1")
    house.floor.ledger.checkpoint()
    answer = outsider.get("/tlog/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    checkpoint = Verifier.parse(house.floor.ledger.verifier_key).open(answer.text)
    leaves: list[bytes] = []
    for index in range(-(-checkpoint.size // 256)):
        width = min(256, checkpoint.size - 256 * index)
        partial = "" if width == 256 else f".p/{width}"
        tile = outsider.get(f"/tlog/tile/0/{index:03}{partial}")
        assert tile.headers["content-type"] == "application/octet-stream"
        assert "immutable" in tile.headers["cache-control"] and len(tile.content) == 32 * width
        leaves += [tile.content[start : start + 32] for start in range(0, 32 * width, 32)]
    assert merkle.root(leaves) == checkpoint.root


@pytest.mark.parametrize("path", ["0/999", "0/0", "0/000.p/256", "64/000", "x", "9/000", "0/x001"])
def test_a_tile_that_is_not_there(app: FastAPI, path: str) -> None:
    assert TestClient(app, "http://127.0.0.1").get(f"/tlog/tile/{path}").status_code == 404


def test_entries_are_for_auditors_and_each_look_is_recorded(app: FastAPI, house: House) -> None:
    outsider = TestClient(app, "http://127.0.0.1", follow_redirects=False)
    for path in ("000", "000.p/3", "999"):
        assert outsider.get(f"/tlog/tile/entries/{path}").status_code in (303, 401)
    auditor = session(app, "auditor")
    answer = auditor.get("/tlog/tile/entries/000.p/2")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    length = int.from_bytes(answer.content[:2], "big")
    assert house.floor.ledger.hashes(0, 0)[0] == merkle.leaf_hash(answer.content[2 : 2 + length])
    query = EventQuery(kinds=("audit-viewed",), subject="tile/entries/000.p/2")
    (event,) = house.floor.ledger.events(query).events
    assert event.actor.startswith("person:") and event.detail["count"] == 2
    assert auditor.get("/tlog/tile/entries/999").status_code == 404
    assert session(app, "physician").get("/tlog/tile/entries/000").status_code == 403
