"""The servers that tests stand on are real, and the tiny model in them is the same every time."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from llm.servers import llama_server
from tools.serving import tiny_model
from tools.serving.tokens import SPECIAL, learn


def ask(url: str, model: str, **more: object) -> dict[str, object]:
    body = {"model": model, "messages": [{"role": "user", "content": "What is a draft?"}], **more}
    request = urllib.request.Request(  # noqa: S310
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def said(answer: dict[str, object]) -> str:
    match answer:
        case {"choices": [{"message": {"content": str(text)}}]}:
            return text
    pytest.fail(f"no answer: {answer}")


def test_the_model_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        tiny_model.make(tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_the_tokenizer_learns_what_is_frequent() -> None:
    found = learn(["发热 fever fever fever 发热 发热"], len(SPECIAL) + 256 + 12)
    assert len(set(found.words)) == len(found.words) == len(SPECIAL) + 256 + 12
    assert "fever" in {word.strip("Ġ") for word in found.words}


def test_llama_server_answers_with_the_tiny_model(tmp_path: Path) -> None:
    with llama_server(tmp_path) as server:
        text = said(ask(server.url, server.model, max_tokens=12))
        assert text.strip() and text.isprintable()
    assert server.process.returncode is not None
