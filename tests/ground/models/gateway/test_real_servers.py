"""The gateway before llama.cpp's own server and that of transformers, each with the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.ground.db import Database
from countersign.ground.models import ModelsAway, Prompt
from ground.models.gateway.ward import Ward, ward
from llm.servers import Running, llama_server, transformers_server

CHOICE = {
    "type": "object",
    "properties": {"urgent": {"type": "boolean"}, "ward": {"enum": ["north", "south"]}},
    "required": ["urgent", "ward"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with llama_server(tmp_path_factory.mktemp("llama")) as running:
        yield running


@pytest.fixture(scope="module")
def hospital(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory, llama: Running
) -> Iterator[Ward]:
    with ward(module_database, tmp_path_factory.mktemp("ward")) as built:
        built.connect("llama", llama.url)
        yield built


def form(built: Ward) -> Prompt:
    return replace(built.form, schema=CHOICE)


def model(built: Ward, server: str) -> str:
    (served,) = built.servers.one(server).models
    return served.model


def test_a_form_is_filled_by_a_model_of_chance_since_the_server_holds_it_to_it(
    hospital: Ward,
) -> None:
    hospital.begin()
    hospital.assign(("llama", model(hospital, "llama")))
    said = hospital.gateway.ask(hospital.asked(form(hospital), seconds=60))
    assert said.value is not None and set(said.value) == {"urgent", "ward"}
    assert said.tokens_in > 0 and said.tokens_out > 0
    assert [call["outcome"] for call in hospital.calls()] == ["answered"]


def test_a_server_that_ignores_the_form_is_passed_over_by_name(
    hospital: Ward, tmp_path: Path
) -> None:
    hospital.begin()
    with transformers_server(tmp_path) as other:
        hospital.connect("transformers", other.url)
        first = ("transformers", model(hospital, "transformers"))
        hospital.assign(first, ("llama", model(hospital, "llama")))
        said = hospital.gateway.ask(hospital.asked(form(hospital), seconds=120))
        assert said.server == "llama" and said.value is not None
        assert [(one.server, one.model) for one in said.passed_over] == [first]
        hospital.assign(first)
        with pytest.raises(ModelsAway):
            hospital.gateway.ask(hospital.asked(form(hospital), seconds=60))


def test_a_killed_server_is_no_half_answer(hospital: Ward, tmp_path: Path) -> None:
    hospital.begin()
    with llama_server(tmp_path) as dying:
        hospital.connect("dying", dying.url)
        hospital.assign(("dying", model(hospital, "dying")), ("llama", model(hospital, "llama")))
        with hospital.gateway.stream(hospital.asked(form(hospital), seconds=60)) as stream:
            assert next(iter(stream))
        dying.process.kill()
        dying.process.wait(10)
        said = hospital.gateway.ask(hospital.asked(form(hospital), seconds=60))
    assert said.server == "llama" and said.passed_over[0].server == "dying"
