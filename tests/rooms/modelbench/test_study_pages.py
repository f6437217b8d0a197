"""Pages and files of studies: who sees what, what is refused, and what a report holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from starlette.testclient import TestClient

from app.doorway import HTML, enter, token_in
from building import PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.models import KeptAnswer
from countersign.ground.shell import build_http
from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.capacity import Step
from countersign.rooms.modelbench.domain.study.reading import plan_of, written
from countersign.rooms.modelbench.domain.study.sets import SETS
from countersign.rooms.modelbench.service.study import StudyResults
from countersign.rooms.modelbench.service.study.exporting import as_csv, as_json
from countersign.rooms.modelbench.service.study.loading import Loading
from countersign.rooms.modelbench.service.study.printing import as_pdf
from rooms.modelbench import invented
from rooms.modelbench.test_imports import LM_EVAL, VLLM

HOSPITAL = Words("Willow Lane Hospital", "柳巷医院")
STEP = Step(2.0, 40, 0, 20, 0.2, 0.4, 0.02, 0.03, 0.04, 3.0, 1.9, 380.0)


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def study(building: Building) -> str:
    """A finished study, without any server: what was kept is what counts."""
    given = invented.plan("http://10.0.0.1:8000/v1", load={"rates": [2]})
    given["title"] = "14B，70B 还是满血版？"
    given["configuration"][0]["label"] = "=SUM(A1:A9)"
    plan = plan_of(given, frozenset(SETS))
    studies = building.floor.studies
    made = studies.start(building.who("admin"), plan.title, written(plan), queue=False)
    for one, wrong in (("small", 60), ("middle", 22), ("large", 20), ("slow", 20)):
        studies.add_answers(made, [answer(one, number, number >= wrong) for number in range(200)])
        step = STEP if one != "slow" else Step(2.0, 40, 0, 20, 9, 9, 9, 9, 9, 9, 1.9, 38.0)
        studies.add_load(made, one, 2.0, Loading.written(step))
    content = {"sha256": "ab", "whole": 200, "drawn": 200, "prompt": "letters",
               "prompt_version": "1", "prompt_sha256": "cd"}  # fmt: skip
    studies.note_set(made, "mirage-medqa", content)
    studies.finish(building.who("admin"), made, {})
    return made


def answer(configuration: str, number: int, right: bool) -> KeptAnswer:
    item = f"q{number:04d}"
    return KeptAnswer(
        configuration, "mirage-medqa", item, float(right), "A", "A", False, "", 9, 1, 0.5
    )


@pytest.fixture(scope="module")
def client(building: Building) -> Iterator[TestClient]:
    app = build_http(building.floor, ROOMS)
    yield TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)


def signed_in(client: TestClient, building: Building, name: str) -> TestClient:
    client.cookies.clear()
    enter(client, name, PASSWORD)
    return client


def test_staff_read_and_only_administrators_see_buttons(
    building: Building, client: TestClient, study: str
) -> None:
    nurse = signed_in(client, building, "nurse")
    page = nurse.get(f"/modelbench/studies/of/{study}", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Middle suffices" in page.text
    assert "Recommendation" in page.text
    assert "/cancel" not in page.text
    assert nurse.get("/modelbench/studies/new").status_code == 403
    assert nurse.get("/modelbench/studies/of/none").status_code == 404


@pytest.mark.parametrize("name", ["report.pdf", "figures.csv", "figures.json"])
def test_files_are_given_as_attachments(
    building: Building, client: TestClient, study: str, name: str
) -> None:
    found = signed_in(client, building, "nurse").get(f"/modelbench/studies/of/{study}/files/{name}")
    assert found.status_code == 200
    assert found.headers["content-disposition"].startswith("attachment")
    missing = client.get(f"/modelbench/studies/of/{study}/files/secrets.txt")
    assert missing.status_code == 404


def test_the_csv_runs_nothing_in_a_spreadsheet(building: Building, study: str) -> None:
    result = StudyResults(building.floor.studies).of(building.who("admin"), study)
    rows = list(csv.DictReader(io.StringIO(as_csv(result))))
    assert [row["configuration"] for row in rows] == ["small", "middle", "large", "slow"]
    assert rows[0]["label"] == "'=SUM(A1:A9)"
    assert float(rows[1]["measure_value"]) == pytest.approx(0.89)
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


def test_the_json_names_what_was_used_and_no_single_answer(building: Building, study: str) -> None:
    result = StudyResults(building.floor.studies).of(building.who("admin"), study)
    text = as_json(result).decode()
    said: dict[str, Any] = json.loads(text)
    assert said["sets"]["mirage-medqa"]["sha256"] == "ab"
    assert said["recommendations"][0]["chosen"] == "middle"
    assert "q0001" not in text
    assert plan_of(said["plan"], frozenset(SETS)) == result.plan


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("建议", "鉴别诊断", "局限", "柳巷医院", "还是满血版")),
     ("en", ("Recommendation", "Differential diagnosis", "Limits", "Willow Lane"))],
)  # fmt: skip
def test_the_pdf_says_it_in_the_language_asked_for(
    building: Building, study: str, language: Any, words: tuple[str, ...]
) -> None:
    result = StudyResults(building.floor.studies).of(building.who("admin"), study)
    raw = as_pdf(result, language, HOSPITAL, "2026-11-26")
    document = pypdfium2.PdfDocument(raw)
    text = "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
    document.close()
    for one in words:
        assert one in text
    assert raw == as_pdf(result, language, HOSPITAL, "2026-11-26"), "the same study, the same bytes"


def test_new_prices_price_every_study_anew(
    building: Building, client: TestClient, study: str
) -> None:
    admin = signed_in(client, building, "admin")
    results = StudyResults(building.floor.studies)
    before = results.of(building.who("admin"), study).row("middle").cost
    assert before is not None
    form = prices_form(admin)
    bad = admin.post("/modelbench/prices", data={**form, "pue": "0.2"})
    assert bad.status_code == 422
    saved = admin.post("/modelbench/prices", data={**form, "people": "600000"})
    assert saved.status_code == 303
    result = results.of(building.who("admin"), study)
    after = result.row("middle").cost
    assert after is not None
    assert after.real_thousand > before.real_thousand
    assert result.price_version == 1
    nurse = signed_in(client, building, "nurse")
    assert nurse.post("/modelbench/prices", data=prices_form(nurse)).status_code == 403
    assert [event.kind for event in building.events() if event.kind == "prices-changed"]


def prices_form(client: TestClient) -> dict[str, Any]:
    """The page's own form as a browser sends it."""
    page = client.get("/modelbench/prices").text
    fields: dict[str, Any] = {"csrf": token_in(page)}
    for line in page.split("<input ")[1:]:
        tag = line.partition(">")[0]
        if 'name="csrf"' not in tag and 'name="' in tag and 'type="checkbox"' not in tag:
            name = tag.split('name="')[1].split('"')[0]
            value = tag.split('value="')[1].split('"')[0] if 'value="' in tag else ""
            fields.setdefault(name, []).append(value)
    return {name: one[0] if len(one) == 1 else one for name, one in fields.items()}


def test_an_import_is_marked_with_its_hash_and_stands_for_a_load(
    building: Building, client: TestClient, study: str, tmp_path: Path
) -> None:
    admin = signed_in(client, building, "admin")
    csrf = prices_form(admin)["csrf"]
    form = {"csrf": csrf, "label": "Ours", "cards": "8", "model": "deepseek-v3",
            "quantisation": "fp8", "card": "h20", "study": f"{study}/large"}  # fmt: skip
    refused = admin.post("/modelbench/imports", data=form, files={"file": ("a.json", b"{}")})
    assert refused.status_code == 422
    for content in (VLLM, LM_EVAL):
        taken = admin.post(
            "/modelbench/imports",
            data=form,
            files={"file": ("a.json", json.dumps(content).encode())},
        )
        assert taken.status_code == 303
    page = admin.get("/modelbench/imports", headers={"accept-language": "en"}).text
    assert "vllm bench serve" in page
    assert "medqa_4options" in page
    kept = building.floor.studies.imports(building.who("admin"))[0]
    assert len(kept.file_sha256) == 64
    result = StudyResults(building.floor.studies).of(building.who("admin"), study)
    assert result.row("large").imported == "", "what was measured here goes first"
    assert len(result.imports) == 2


def test_the_planner_answers_and_refuses(building: Building, client: TestClient) -> None:
    nurse = signed_in(client, building, "nurse")
    page = nurse.get("/modelbench/planner", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "sources disagree" in page.text
    assert "tt-inference-server" in page.text
    small = nurse.get("/modelbench/planner?cards=1", headers={"accept-language": "en"})
    assert "It does not fit" in small.text
    assert nurse.get("/modelbench/planner?model=nothing").status_code == 422
    assert nurse.get("/modelbench/planner?cards=0").status_code == 422
