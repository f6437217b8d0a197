"""What a language model adds is held against what is known and never shortens the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from building import IMPORTER, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.models import NoServers
from countersign.ground.shell import build_http
from llm.told import Told, told
from rooms.differential.test_pages import NOTE, enter, fields, sick


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    made.floor = replace(made.floor, gateway=told(made.floor.registry))
    assert register_models(made.house) == []
    made.floor.chart.receive(
        IMPORTER, sick("feverish"), source="test", departments=["cardiology"], keep_ids=True
    )
    yield made
    made.close()


@pytest.fixture
def model(building: Building) -> Told:
    found = building.floor.gateway
    assert isinstance(found, Told)
    found.answers, found.asked = [], []
    return found


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def candidate(name: str, pro: list[int], wording: str = "", contra: Any = ()) -> dict[str, Any]:
    return {"name": name, "for": pro, "against": list(contra), "wording": wording}


def asked(app: FastAPI, status: int = 200, name: str = "wang") -> str:
    """The piece of page with what the model adds to the note's list."""
    doctor, csrf = enter(app, name)
    carried = fields(doctor.post("/differential/feverish", data={"csrf": csrf, "text": NOTE}).text)
    form = {"csrf": csrf, "text": NOTE, "finding": carried}
    answer = doctor.post("/differential/feverish/further", data=form)
    assert answer.status_code == status, answer.text[:3000]
    return answer.text


def test_candidates_are_marked_by_what_is_known_of_them(
    app: FastAPI, building: Building, model: Told
) -> None:
    model.answers = [
        {
            "candidates": [
                candidate("Influenza", [1, 2], "Fever and cough."),
                candidate("Marfan syndrome", [1], "Fever for 9 weeks."),
                candidate("Blue ward sickness", [2]),
                candidate("Gout", []),
                candidate("Sarcoidosis", [77, -1]),
            ]
        }
    ]
    page = asked(app)
    said = model.asked[-1]
    assert "Invented" not in str(said.values) and said.patient == "feverish"
    assert "1. " in said.values["findings"] and said.values["sex"] == "male"
    shown, _, rest = page.partition("Left out, since no finding")
    assert "Fever and cough." in shown
    assert "9 weeks" not in page, "a sentence that says more than its findings is left out"
    assert "OMIM:154700" in shown and "in the knowledge base, not in the weighed list" in shown
    blue = shown[shown.index("Blue ward sickness") :]
    assert "not found in the knowledge base" in blue
    assert "Gout" in rest and "Sarcoidosis" in rest


def test_the_draft_names_the_model_keeps_the_list_and_hears_the_other_opinion(
    app: FastAPI, building: Building, model: Told
) -> None:
    model.answers = [{"candidates": [candidate("Blue ward sickness", [1])]}]
    page = asked(app)
    draft = re.findall(r'href="/inbox/([0-9a-f-]{36})"', page)[0]
    opened = building.open("wang", draft)
    body, explained = opened.draft.body, opened.draft.explanation
    assert "Blue ward sickness" in body.text.en and "not weighed" in body.text.en
    assert "Not to be missed" in body.text.en, "the model cannot shorten that list"
    assert explained.model.label == "ward-model@1"
    assert "differential-further@1.0.0" in explained.inputs
    assert [one.stance for one in explained.opinions] == ["disagree"]
    doctor, csrf = enter(app, "wang")
    done = doctor.post(f"/inbox/{draft}/decision", data={"csrf": csrf, "choice": "accept"})
    assert done.status_code == 303
    chart = building.floor.chart.reader(building.who("wang")).open("feverish")
    (impression,) = [one.resource for one in chart.versions if one.type == "ClinicalImpression"]
    named = [one["itemCodeableConcept"]["text"] for one in impression["finding"]]
    assert "Blue ward sickness" in named and len(named) > 1


def test_a_model_that_is_away_or_answers_nonsense_leaves_the_list(
    app: FastAPI, model: Told
) -> None:
    assert "The weighed list stands as it is." in asked(app, 503)
    for nonsense in ({}, {"candidates": "x"}, {"candidates": [1, None, {"name": 5, "for": 1}]}):
        model.answers = [nonsense]
        assert "The weighed list stands as it is." in asked(app)


def test_the_answer_offers_it_only_where_a_model_is(
    app: FastAPI, building: Building, model: Told
) -> None:
    def page(floor: Any) -> str:
        doctor, csrf = enter(build_http(floor, ROOMS), "wang")
        form = {"csrf": csrf, "text": NOTE, "do": "consider"}
        return doctor.post("/differential/feverish", data=form).text

    assert 'hx-post="/differential/feverish/further"' in page(building.floor)
    assert "/further" not in page(replace(building.floor, gateway=NoServers()))


def test_only_who_may_decide_on_such_a_draft_may_have_it_asked(app: FastAPI, model: Told) -> None:
    for name in ("nurse", "auditor", "stranger"):
        other, csrf = enter(app, name)
        answer = other.post("/differential/feverish/further", data={"csrf": csrf})
        assert answer.status_code == 403, name
    assert model.asked == []
