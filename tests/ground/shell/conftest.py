"""The hospital that the shell's tests visit, and the browser they visit it with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from browser import browser as browser
from browser import serve
from countersign.ground.db import Database
from ground.identity.world import PASSWORD
from ground.shell.hospital import Hospital


@pytest.fixture(scope="module")
def hospital(module_database: Database) -> Iterator[Hospital]:
    one = Hospital(module_database)
    yield one
    one.world.ledger.close()


@pytest.fixture(scope="module")
def base(hospital: Hospital) -> Iterator[str]:
    with serve(hospital.app) as address:
        yield address


@pytest.fixture
def client(hospital: Hospital) -> TestClient:
    """Nobody yet; a browser that asks for Chinese pages."""
    headers = {"accept": "text/html", "accept-language": "zh"}
    return TestClient(hospital.app, "http://127.0.0.1", headers=headers, follow_redirects=False)


@pytest.fixture
def doctor(client: TestClient) -> TestClient:
    """A physician who is signed in."""
    return sign_in(client, "doctor")


def sign_in(client: TestClient, username: str) -> TestClient:
    page = client.get("/sign-in")
    data = {"csrf": token_in(page.text), "username": username, "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 303
    return client


def token_in(html: str) -> str:
    """The form token that a page carries."""
    return html.partition('name="csrf" value="')[2].partition('"')[0]
