"""A language model words a recommendation; what its quotations do not support is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from building import Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from ground.library.shelves import PEOPLE, Shelves
from llm.told import Told, told
from rooms.assistant.test_pages import FINDING, Browser, drafted, guideline, man

PLACE = "/assistant/urology/patients/p1"


@pytest.fixture(scope="module")
def shelves(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelves]:
    building = Building(module_database, tmp_path_factory.mktemp("home"), staff=PEOPLE)
    building.floor = replace(building.floor, gateway=told(building.floor.registry))
    assert register_models(building.house) == []
    man(building, "p1")
    made = Shelves(building)
    made.published(guideline(), icd10=("N40",), topic="bph", title="良性前列腺增生")
    yield made
    building.close()


@pytest.fixture
def model(shelves: Shelves) -> Told:
    found = shelves.building.floor.gateway
    assert isinstance(found, Told)
    found.answers, found.asked = [], []
    return found


@pytest.fixture(scope="module")
def physician(shelves: Shelves) -> Browser:
    return Browser(shelves, "wang")


def test_a_model_that_is_away_leaves_the_draft_of_quotations(
    model: Told, physician: Browser
) -> None:
    page = physician.post(PLACE, 503, how="words")
    assert "No draft was made" in page and "Draft a recommendation" in page


def test_nothing_supported_is_no_draft(model: Told, physician: Browser) -> None:
    model.answers = [{"sentences": [{"text": "立即手术。", "quotes": []}]}]
    page = physician.post(PLACE, 409, how="words")
    assert "wrote nothing that the quotations support" in page


def test_sentences_come_first_each_with_its_quotations_and_facts(
    shelves: Shelves, model: Told, physician: Browser
) -> None:
    assert "Have it worded first" in physician.get(PLACE)
    # the test knows under which numbers the quotation and the fact are told only once asked
    model.answers = [{"sentences": []}]
    physician.post(PLACE, 409, how="words")
    values = model.asked[-1].values
    line = next(one for one in values["sources"].splitlines() if "5α" in one)
    fact = next(one for one in values["facts"].splitlines() if "非那雄胺" in one)
    number, name = line[1 : line.index("]")], fact[1 : fact.index("]")]
    said = "长期服用 5α 还原酶抑制剂者，PSA 值应加倍后判断。"
    quotes = [{"source": number, "words": said}, {"source": name, "words": fact.partition("] ")[2]}]
    false = {"text": "PSA 值应减半后判断。", "quotes": [{"source": number, "words": said}]}
    model.answers = [{"sentences": [{"text": said, "quotes": quotes}, false]}]
    draft = drafted(physician.post(PLACE, how="words"))
    opened = shelves.building.open("wang", draft)
    text = opened.draft.body.text.zh
    assert f"- {said} [{number}][{name}]" in text and "减半" not in text
    assert "1 句因无依据已略去" in text and "未使用语言模型" not in text
    assert text.index("- 长期服用") < text.index(f"“{FINDING}”"), "quotations stand below, in full"
    explained = opened.draft.explanation
    assert explained.model.label == "ward-model@1"
    assert {"assistant-recommend@1.0.0", "evidence-draft@1.0.0"} <= set(explained.inputs)
