"""Libraries that use the client which egress lends obey the list; whoever waits is watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from countersign.ground.egress import Egress, EgressFailed, EgressRefused, Ended, places
from llm.server import FaultServer, fault_server


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


def test_a_library_gets_answers_whole_and_in_parts(server: FaultServer) -> None:
    told: list[str] = []
    egress = Egress(places(["127.0.0.1"]), contacted=told.append)
    with egress.client(10) as client:
        listed = client.get(f"{server.address}/models").json()
        assert listed["data"][0]["id"] == "ok"
        body = {"model": "ok", "stream": True, "messages": []}
        with client.stream("POST", f"{server.address}/chat/completions", json=body) as answer:
            assert "data: [DONE]" in list(answer.iter_lines())
    assert len(told) == 2
    egress.close()


def test_a_library_reaches_what_the_list_names_and_nothing_else(server: FaultServer) -> None:
    refused: list[str] = []
    egress = Egress((), refused.append)
    with egress.client(10) as client, pytest.raises(EgressRefused):
        client.get(f"{server.address}/models")
    assert refused == [server.root.removeprefix("http://")]
    egress.close()


def test_a_library_waits_no_longer_than_it_may(server: FaultServer) -> None:
    egress = Egress(places(["127.0.0.1"]))
    begun = time.monotonic()
    with egress.client(0.5) as client, pytest.raises(EgressFailed):
        client.post(f"{server.address}/chat/completions", json={"model": "hang", "stream": True})
    assert time.monotonic() - begun < 5
    egress.close()


def test_a_library_is_not_led_elsewhere(server: FaultServer) -> None:
    egress = Egress(places(["127.0.0.1"]))
    with egress.client(10) as client:
        assert client.get(f"{server.root}/nowhere").status_code == 404
        assert not client.follow_redirects
    egress.close()


def test_whoever_watches_ends_the_wait(server: FaultServer) -> None:
    class Stopped(Exception):
        pass

    over = threading.Event()

    def watch() -> None:
        if over.is_set():
            raise Stopped

    told: list[str] = []
    egress = Egress(places(["127.0.0.1"]), contacted=told.append)
    threading.Timer(0.3, over.set).start()
    begun = time.monotonic()
    url = f"{server.address}/chat/completions"
    with (
        pytest.raises(Ended) as ended,
        egress.stream(
            "POST", url, content=b'{"model": "hang", "stream": true}', timeout=60, watch=watch
        ),
    ):
        pass
    assert isinstance(ended.value.why, Stopped)
    assert time.monotonic() - begun < 10
    assert told == [server.root.removeprefix("http://")], "it was sent all the same"
    egress.close()


def test_watching_loses_nothing(server: FaultServer) -> None:
    egress = Egress(places(["127.0.0.1"]))
    body = b'{"model": "slow-0.7", "stream": true, "max_tokens": 3}'
    url = f"{server.address}/chat/completions"
    with egress.stream("POST", url, content=body, timeout=30, watch=lambda: None) as answer:
        whole = b"".join(answer)
    assert whole.count(b'"content"') == 3 and whole.endswith(b"data: [DONE]\n\n")
    egress.close()
