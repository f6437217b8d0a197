"""A probe believes answers and not claims, of real servers and of one that lies."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.ground.egress import Egress, places
from countersign.ground.models.gateway.probe import PROBLEMS, Probed, Reply, over, probe
from llm.server import TOKEN, fault_server
from llm.servers import Running, free_port, llama_server, transformers_server

EGRESS = Egress(places(["127.0.0.1"]))


def probed(address: str, *models: str, seconds: float = 60.0, key: str = "") -> Probed:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    found = probe(
        over(EGRESS, address, headers),
        random.Random(20261126),
        models=models or None,
        seconds=seconds,
        within=900.0,
    )
    assert Probed.from_json(json.loads(json.dumps(found.as_json()))) == found
    for one in (found, *found.models):
        assert set(one.problems) <= set(PROBLEMS)
    return found


def test_llama_server_does_what_it_says(tmp_path: Path) -> None:
    with llama_server(tmp_path) as server:
        found = probed(server.url)
    (model,) = found.models
    assert (found.software, model.name, model.context) == ("llama.cpp", server.model, 4096)
    able = ("streaming", "usage", "json_schema", "json_object", "logprobs", "seeded", "stops")
    assert {name: model.able[name] for name in able} == dict.fromkeys(able, True)
    assert model.bounded
    assert not model.reasoning
    assert not model.problems
    assert model.first_token_seconds is not None
    assert model.tokens_per_second is not None


@pytest.fixture(scope="module")
def transformers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with transformers_server(tmp_path_factory.mktemp("transformers")) as server:
        yield server


def test_the_same_weights_speak_the_same_in_both_servers(
    tmp_path: Path, transformers: Running
) -> None:
    with llama_server(tmp_path) as llama:
        texts = [greedy(server) for server in (llama, transformers)]
    assert texts[0]
    assert texts[0] == texts[1]


def greedy(server: Running) -> object:
    body = {
        "model": server.model,
        "messages": [{"role": "user", "content": "What is a draft?"}],
        "max_tokens": 6,
        "temperature": 0,
    }
    reply = over(EGRESS, server.url, {})("POST", "/chat/completions", body, 60.0)
    return reply.value["choices"][0]["message"]["content"]


def test_transformers_ignores_schemas_and_probabilities_in_silence(transformers: Running) -> None:
    found = probed(transformers.url)
    (model,) = found.models
    assert found.software == "transformers"
    assert model.streaming
    assert (model.json_schema, model.json_object, model.logprobs) == (False, False, False)
    assert set(model.problems) == {"schema-ignored", "logprobs-ignored"}


def test_a_server_that_lies_is_seen_through() -> None:
    with fault_server() as server:
        address = f"{server.address}"
        (good, liar, thinker, silent) = (
            next(one for one in probed(address, name).models if one.name == name)
            for name in ("json", "ignores-schema", "reasoning", "empty")
        )
    assert good.json_schema is True
    assert liar.json_schema is False
    assert "schema-ignored" in liar.problems
    assert (good.reasoning, bool(thinker.reasoning)) == ("", True)
    assert good.logprobs is False
    assert silent.streaming is False


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("html", "no-answer"),
        ("fail", "no-answer"),
        ("unauthorized", "key"),
        ("busy-1", "no-answer"),
    ],
)
def test_a_model_that_cannot_be_asked_says_why(model: str, problem: str) -> None:
    with fault_server() as server:
        found = probed(server.address, model)
    tried = next(one for one in found.models if one.name == model)
    assert problem in tried.problems
    assert tried.able == {}


def test_a_hung_model_ends_by_its_time() -> None:
    with fault_server() as server:
        found = probed(server.address, "hang", seconds=0.5)
    tried = next(one for one in found.models if one.name == "hang")
    assert "late" in tried.problems


def test_a_hung_model_is_not_asked_for_long() -> None:
    asked: list[str] = []

    def post(method: str, path: str, body: object, seconds: float) -> Reply:
        asked.append(path)
        if path == "/models":
            return Reply(200, {}, ((0.0, b'{"data": [{"id": "a"}]}'),))
        return Reply(why="late")

    (model,) = probe(post, random.Random(1)).models
    assert model.problems == ("late",)
    assert asked.count("/chat/completions") <= 2


def test_a_stream_without_an_end_is_told() -> None:
    with fault_server() as server:
        found = probed(server.address, "no-finish")
    assert "cut" in next(one for one in found.models if one.name == "no-finish").problems


def test_a_wrong_key_a_wrong_place_and_nobody_there_are_results() -> None:
    with fault_server(token=TOKEN) as server:
        assert probed(server.address, key="another").problems == ("key",)
        assert probed(server.address, "ok", key=TOKEN).problems == ()
        assert probed(f"{server.root}/elsewhere", key=TOKEN).problems == ("foreign",)
    assert probed(f"http://127.0.0.1:{free_port()}/v1").problems == ("away",)
    assert probed("http://10.1.2.3:8000/v1").problems == ("refused",)
