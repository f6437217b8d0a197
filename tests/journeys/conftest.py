"""The installation that the journeys visit, started with the one command a newcomer types."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, StorageState

from browser import browser as browser
from furnished import Furnished
from journeys.person import Person

PATIENCE = 120.0


@pytest.fixture(scope="session")
def base(furnished: Furnished) -> Iterator[str]:
    """The address of ``countersign run``: two web processes and a worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    running = subprocess.Popen(furnished.command("run", PORT=port), stdout=subprocess.DEVNULL)
    _await(address, running)
    yield address
    running.send_signal(signal.SIGINT)
    assert running.wait(PATIENCE) == 0


def _await(address: str, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert running.poll() is None, "countersign run ended by itself"
        try:
            if httpx.get(f"{address}/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("countersign run shows no page")


IDLE = 240.0
"""Seconds after which a session is not carried on: the house ends those that nobody uses."""

_sessions: dict[str, tuple[StorageState, float]] = {}
Enter = Callable[..., AbstractContextManager[Person]]


@pytest.fixture
def entering(browser: Browser, base: str) -> Enter:
    """``with entering("physician", "zh") as doctor``: a window in which somebody signed in.

    Each signs in by the form once; later windows carry the session on, which saves minutes.
    """

    @contextmanager
    def enter(username: str, language: str = "zh", **more: Any) -> Generator[Person]:
        session, used = _sessions.get(username, (None, 0.0))
        if time.monotonic() - used > IDLE:
            session = None
        with Person.arriving(browser, base, language, storage_state=session, **more) as person:
            if session is None:
                person.sign_in(username)
                session = person.window.context.storage_state()
            yield person
            person.window.check_clean()
            _sessions[username] = session, time.monotonic()

    return enter
