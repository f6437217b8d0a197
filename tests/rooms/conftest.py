"""A floor that hears: a real speech server beside the ``building`` of whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from building import Building
from countersign.ground.models import Gateway, Work
from countersign.ground.shell import Floor
from llm.connected import connected
from llm.speech import SpeechServer, speech_server


@pytest.fixture(scope="module")
def server() -> Iterator[SpeechServer]:
    """The speech server."""
    with speech_server() as one:
        yield one


@pytest.fixture(scope="module")
def gateway(building: Building, server: SpeechServer) -> Iterator[Gateway]:
    """With the speech server; its model "hears-odd" answers until another is assigned."""
    with connected(building, server.address, "hears-odd", Work.SPEECH) as one:
        yield one


@pytest.fixture(scope="module")
def floor(building: Building, gateway: Gateway) -> Floor:
    """That of the building, asking by this gateway."""
    return replace(building.floor, gateway=gateway)
