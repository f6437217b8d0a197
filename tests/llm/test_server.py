"""The fault server goes wrong as its scripts say, so that tests of others prove something."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from llm.server import FaultServer, fault_server

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "number", "minimum": 0}},
    "required": ["answer", "sure"],
}


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


def ask(server: FaultServer, model: str, **more: object) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **more}
    return httpx.post(f"{server.address}/chat/completions", json=body, timeout=10)


def said(answer: httpx.Response) -> str:
    lines = [line[6:] for line in answer.text.splitlines() if line.startswith("data: {")]
    chunks = [choice for line in lines for choice in json.loads(line)["choices"]]
    return "".join(chunk["delta"].get("content", "") for chunk in chunks)


def test_lists_models(server: FaultServer) -> None:
    models = httpx.get(f"{server.address}/models").json()["data"]
    assert {"ok", "cut-3", "busy-1"} <= {model["id"] for model in models}


def test_answers_in_pieces_and_at_once(server: FaultServer) -> None:
    asked = {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}}
    whole = ask(server, "json", **asked).json()["choices"][0]["message"]["content"]
    assert json.loads(whole) == {"answer": "x", "sure": 0}
    streamed = ask(server, "json", stream=True, **asked)
    assert said(streamed) == whole
    assert streamed.text.rstrip().endswith("[DONE]")


def test_cuts_the_stream(server: FaultServer) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        ask(server, "cut-3", stream=True)


@pytest.mark.parametrize(("model", "status"), [("busy-1", 429), ("fail", 500), ("html", 200)])
def test_refuses(server: FaultServer, model: str, status: int) -> None:
    answer = ask(server, model, stream=True)
    assert answer.status_code == status
    assert "event-stream" not in answer.headers["content-type"]


def test_hangs(server: FaultServer) -> None:
    body = {"model": "hang", "stream": True, "messages": []}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{server.address}/chat/completions", json=body, timeout=0.2)


def test_tells_what_it_saw(server: FaultServer) -> None:
    ask(server, "echo")
    assert server.seen()[-1]["body"]["model"] == "echo"


def test_wants_its_token() -> None:
    with fault_server(token="secret-of-the-test") as server:
        assert ask(server, "ok").status_code == 401
        bearing = httpx.get(
            f"{server.address}/models", headers={"authorization": "Bearer secret-of-the-test"}
        )
        assert bearing.status_code == 200
