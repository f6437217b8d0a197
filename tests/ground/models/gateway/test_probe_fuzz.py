"""Whatever a server answers, a probe ends with a result and says nothing good of nonsense."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.models.gateway.probe import PROBLEMS, Probed, Reply, probe
from countersign.kit.words import Words

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
names = st.sampled_from(
    [
        "choices", "message", "delta", "content", "usage", "completion_tokens", "finish_reason",
        "tool_calls", "function", "arguments", "name", "logprobs", "top_logprobs", "logprob",
        "reasoning_content", "data", "id", "owned_by", "max_model_len", "meta", "model_info",
    ]
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
LISTED: dict[str, Any] = {"data": [{"id": "a model", "owned_by": "x"}]}


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def replies(listed: bytes, others: list[Reply]) -> Callable[..., Reply]:
    """A port that lists ``listed`` and then answers with ``others`` in turn."""
    turn = itertools.cycle(others or [Reply()])

    def post(method: str, path: str, body: object, seconds: float) -> Reply:
        if path == "/models":
            return Reply(200, {}, ((0.0, listed),))
        return next(turn)

    return post


def result(post: Callable[..., Reply]) -> Probed:
    found = probe(post, random.Random(1))
    assert set(found.problems) <= set(PROBLEMS)
    kept = found.as_json()
    assert Probed.from_json(json.loads(json.dumps(kept))) == found
    return found


OWNERS = st.sampled_from(["x", "vllm", "library", "llamacpp", "local", "sglang"])


@given(st.lists(values, max_size=6), st.sampled_from([200, 200, 400, 500]), OWNERS)
@settings(max_examples=200, deadline=None)
def test_any_json_is_survived_and_nothing_good_is_said_of_it(
    given: list[Any], status: int, owner: str
) -> None:
    listed = {"data": [{"id": "a model", "owned_by": owner}]}
    others = [Reply(status, {}, ((0.1, as_json(value)),)) for value in given]
    for model in result(replies(as_json(listed), others)).models:
        assert not model.json_schema
        assert not model.tools


@given(st.lists(st.tuples(st.floats(0, 9), st.binary(max_size=40)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_survived(parts: list[tuple[float, bytes]]) -> None:
    event = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
    others = [
        Reply(200, {}, tuple(parts)),
        Reply(200, {"server": "?"}, tuple((at, event + part) for at, part in parts)),
        Reply(200, {}, tuple(parts), "broken"),
    ]
    assert len(result(replies(as_json(LISTED), others)).models) == 1


@given(values | st.lists(st.dictionaries(names, values)).map(lambda data: {"data": data}))
@settings(max_examples=150, deadline=None)
def test_any_list_of_models_is_survived(listed: Any) -> None:
    found = result(replies(as_json(listed), [Reply(404)]))
    assert found.models or found.problems


def test_json_that_is_too_deep_is_no_list() -> None:
    deep = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert result(replies(deep, [])).problems == ("foreign",)


@pytest.mark.parametrize("logprob", [0.7, float("nan"), "-1", None, True])
def test_probabilities_that_cannot_be_true_are_not_believed(logprob: object) -> None:
    token = {"logprob": -0.1, "top_logprobs": [{"logprob": logprob}]}
    answer = {
        "choices": [
            {
                "message": {"content": "sea"},
                "finish_reason": "stop",
                "logprobs": {"content": [token]},
            }
        ]
    }
    post = replies(as_json(LISTED), [Reply(200, {}, ((0.1, as_json(answer)),))])
    (model,) = result(post).models
    assert not model.logprobs


def test_probabilities_above_one_together_are_not_believed() -> None:
    top = [{"logprob": -0.1}, {"logprob": -0.2}]
    choice = {
        "message": {"content": "sea"},
        "logprobs": {"content": [{"logprob": -0.1, "top_logprobs": top}]},
    }
    post = replies(as_json(LISTED), [Reply(200, {}, ((0.1, as_json({"choices": [choice]})),))])
    (model,) = result(post).models
    assert "logprobs-false" in model.problems


def test_text_that_comes_all_at_the_end_is_no_stream() -> None:
    event = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
    end = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    plain = as_json({"choices": [{"message": {"content": "sea"}}]})

    def post(method: str, path: str, body: Any, seconds: float) -> Reply:
        if path == "/models":
            return Reply(200, {}, ((0.0, as_json(LISTED)),))
        if body and body.get("stream"):
            return Reply(200, {}, ((2.0, event * 20 + end),))
        return Reply(200, {}, ((1.0, plain),))

    (model,) = result(post).models
    assert model.streaming is False
    assert "buffered" in model.problems


@pytest.mark.parametrize(
    ("owner", "path", "answer", "context"),
    [
        ("library", "//api/ps", {"models": [{"name": "a model", "context_length": 4096}]}, 4096),
        ("library", "//api/ps", {"models": [{"name": "another", "context_length": 4096}]}, None),
        ("library", "//api/ps", {"models": 7}, None),
        ("llamacpp", "//props", {"default_generation_settings": {"n_ctx": 2048}}, 2048),
        ("llamacpp", "//props", [], None),
    ],
)
def test_the_context_is_what_a_model_runs_with(
    owner: str, path: str, answer: Any, context: int | None
) -> None:
    plain = as_json({"choices": [{"message": {"content": "sea"}}]})

    def post(method: str, asked: str, body: Any, seconds: float) -> Reply:
        listed = {"data": [{"id": "a model", "owned_by": owner}]}
        told = {"/models": as_json(listed), path: as_json(answer)}.get(asked, plain)
        return Reply(200, {}, ((0.1, told),))

    assert result(post).models[0].context == context


@pytest.mark.parametrize(
    ("listed", "refusal", "context"),
    [
        ({"max_model_len": 32768}, "", 32768),
        ({}, "This model's maximum context length is 8192 tokens. However, you requested", 8192),
        ({}, "request (9 tokens) exceeds the available context size (512 tokens)", 512),
        ({}, "no", None),
    ],
)
def test_the_context_is_told_or_refused(
    listed: dict[str, Any], refusal: str, context: int | None
) -> None:
    plain = as_json({"choices": [{"message": {"content": "sea"}}]})

    def post(method: str, path: str, body: Any, seconds: float) -> Reply:
        if path == "/models":
            told = {"data": [{"id": "a model", "owned_by": "vllm", **listed}]}
            return Reply(200, {}, ((0.0, as_json(told)),))
        if body and body["max_tokens"] > 10_000:
            return Reply(400, {}, ((0.1, as_json({"error": {"message": refusal}})),))
        return Reply(200, {}, ((0.1, plain),))

    assert result(post).models[0].context == context


def test_nothing_endless_is_asked_of_a_server_that_does_not_stop() -> None:
    plain = as_json({"choices": [{"message": {"content": "seas"}}]})

    def post(method: str, path: str, body: Any, seconds: float) -> Reply:
        assert not body or body["max_tokens"] < 10_000
        return Reply(200, {}, ((0.1, as_json(LISTED) if path == "/models" else plain),))

    assert result(post).models[0].context is None


@given(
    st.sampled_from(["sea", "", "{}", "[]", "null", '{"a": 1}', '"{}"']) | values.map(json.dumps)
)
@settings(max_examples=60, deadline=None)
def test_only_the_schema_that_was_asked_for_is_a_schema_kept(text: str) -> None:
    choice = {"message": {"content": text, "tool_calls": values_of(text)}, "finish_reason": "stop"}
    post = replies(as_json(LISTED), [Reply(200, {}, ((0.1, as_json({"choices": [choice]})),))])
    (model,) = result(post).models
    if model.bounded is not None:
        assert model.json_schema is False
        assert "schema-ignored" in model.problems
        assert model.tools is False


def values_of(text: str) -> list[dict[str, Any]]:
    return [{"function": {"name": "weigh", "arguments": text}}]


def test_every_problem_is_told_in_two_languages() -> None:
    for words in PROBLEMS.values():
        assert isinstance(words, Words)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in words.zh)
