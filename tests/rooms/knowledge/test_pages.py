"""Curators and physicians at the pages of knowledge, on a real house."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from building import IMPORTER, PASSWORD, Building
from countersign.app.rooms import PAGED
from countersign.ground.db import Database
from countersign.ground.library import Aids, Engines, ModelServer, SearchAids
from countersign.ground.shell import build_http
from ground.library.shelves import PEOPLE, TEXT, Shelves

HTML = {"accept": "text/html", "accept-language": "en"}


@pytest.fixture(scope="module")
def shelves(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelves]:
    building = Building(module_database, tmp_path_factory.mktemp("home"), staff=PEOPLE)
    yield Shelves(building)
    building.close()


class Browser:
    """One person at the pages."""

    def __init__(self, shelves: Shelves, name: str) -> None:
        app = build_http(shelves.building.floor, PAGED)
        self.client = TestClient(app, "http://127.0.0.1", headers=HTML)
        self.client.get("/sign-in")
        page = self.client.get("/sign-in").text
        form = {"csrf": token(page), "username": name, "password": PASSWORD}
        assert self.client.post("/sign-in", data=form).status_code == 200

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def post(self, path: str, status: int = 200, files: object = None, **form: object) -> str:
        form = {"csrf": token(self.get("/help")), **form}
        answer = self.client.post(path, data=form, files=files)  # type: ignore[arg-type]
        assert answer.status_code == status, answer.text[:3000]
        return answer.text


def token(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]*)"', page)[1]  # type: ignore[index]


@pytest.fixture(scope="module")
def curator(shelves: Shelves) -> Browser:
    return Browser(shelves, "curator")


@pytest.fixture(scope="module")
def physician(shelves: Shelves) -> Browser:
    return Browser(shelves, "wang")


def upload(shelves: Shelves, curator: Browser, text: str, name: str = "规范.md") -> str:
    """A document that a curator uploaded and that was read; its id."""
    page = curator.post("/knowledge/shelf", files=[("files", (name, text.encode()))])
    document = re.search(r"/knowledge/shelf/of/([\w-]+)", page)[1]  # type: ignore[index]
    versions = shelves.library.keeping.versions(shelves.who("curator"), document)
    shelves.library.understand(versions[0].id)
    return document


def publish(shelves: Shelves, curator: Browser, document: str) -> str:
    page = curator.get(f"/knowledge/shelf/of/{document}")
    number = re.search(r'name="number" value="(\d+)"', page)[1]  # type: ignore[index]
    version = re.search(r'name="version" value="([\w-]+)"', page)[1]  # type: ignore[index]
    curator.post(f"/knowledge/shelf/of/{document}/publish", number=number, version=version)
    shelves.library.index.catch_up()
    return version


def test_what_a_curator_uploads_a_physician_finds_word_for_word(
    shelves: Shelves, curator: Browser, physician: Browser
) -> None:
    assert "There are no documents yet" in curator.get("/knowledge/shelf")
    document = upload(shelves, curator, TEXT)
    page = curator.get(f"/knowledge/shelf/of/{document}")
    assert "高钾血症处理规范" in page and "葡萄糖酸钙" in page
    assert "No support found" in physician.get("/knowledge?q=高钾血症")
    version = publish(shelves, curator, document)
    page = physician.get("/knowledge?q=高钾血症 血钾 心电图异常 怎么处理")
    assert "No support found" not in page and "unreviewed" in page
    assert "<mark>" in page and "no language model took part" in page
    place = re.search(rf'/knowledge/documents/{document}/versions/{version}\?[^"#]*', page)
    assert place
    read = physician.get(place[0].replace("&amp;", "&"))
    assert 'id="quote"' in read and "院内规程 2026" in read


def test_a_withdrawn_document_is_marked_and_recalled(
    shelves: Shelves, curator: Browser, physician: Browser
) -> None:
    document = upload(
        shelves, curator, TEXT.replace("高钾血症", "低磷血症").replace("血钾", "血磷")
    )
    version = publish(shelves, curator, document)
    assert "低磷血症" in physician.get("/knowledge?q=低磷血症 血磷")
    curator.post(f"/knowledge/shelf/of/{document}/withdraw", 422, reason="short")
    curator.post(f"/knowledge/shelf/of/{document}/withdraw", reason="数值写错了，请勿再使用此文。")
    assert "No support found" in physician.get("/knowledge?q=低磷血症 血磷")
    assert "was withdrawn" in physician.get(f"/knowledge/documents/{document}/versions/{version}")
    nodes = shelves.building.rows("select node from models.recalled")
    assert {"node": f"document:{document}@{version}"} in nodes


def test_feedback_and_questions_in_vain_reach_the_curator(
    shelves: Shelves, curator: Browser, physician: Browser
) -> None:
    document = upload(
        shelves, curator, TEXT.replace("高钾血症", "高镁血症").replace("血钾", "血镁")
    )
    version = publish(shelves, curator, document)
    physician.post(
        f"/knowledge/documents/{document}/versions/{version}/feedback",
        first=0,
        last=5,
        verdict="outdated",
        text="剂量已更新",
        back="/knowledge",
    )
    assert "剂量已更新" in curator.get("/knowledge/shelf/feedback")
    physician.get("/knowledge?q=Kawasaki disease in 13800138000")
    page = curator.get("/knowledge/shelf/questions")
    assert "Kawasaki disease" in page and "13800138000" not in page


def has_problem(shelves: Shelves, name: str, code: dict[str, object]) -> None:
    """The chart of p1 says so from now on."""
    condition = {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": "Patient/p1"},
        "code": code,
    }
    entry = {"resource": condition, "request": {"method": "PUT", "url": f"Condition/{name}"}}
    shelves.building.floor.chart.receive(
        IMPORTER,
        {"resourceType": "Bundle", "type": "transaction", "entry": [entry]},
        source="test",
        departments=("cardiology",),
        keep_ids=True,
    )


def test_what_applies_to_a_patient_names_the_facts(
    shelves: Shelves, curator: Browser, physician: Browser
) -> None:
    has_problem(shelves, "c1", {"text": "高尿酸血症"})
    document = upload(
        shelves, curator, TEXT.replace("高钾血症", "高尿酸血症").replace("血钾", "血尿酸")
    )
    publish(shelves, curator, document)
    page = physician.get("/knowledge/patients/p1")
    assert "高尿酸血症" in page and "/charts/p1/source/Condition/c1/_history/1" in page
    Browser(shelves, "surgeon").get("/knowledge/patients/p1", 403)


def test_what_stands_there_in_two_languages_applies_in_the_readers(
    shelves: Shelves, physician: Browser
) -> None:
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "M10.9", "display": "Gout"}
    has_problem(shelves, "c2", {"text": "痛风", "coding": [coding]})
    shelves.published(
        "# 痛风诊治\n## 治疗\n- 痛风急性发作宜用秋水仙碱。\n",
        title="痛风诊治", language="zh", icd10=("M10.9",), topic="gout",
    )  # fmt: skip
    shelves.published(
        "# Gout\n## Treatment\n- An acute attack of gout is treated with colchicine.\n",
        title="Gout in adults", language="en", icd10=("M10.9",), topic="gout",
    )  # fmt: skip
    page = physician.get("/knowledge/patients/p1")
    assert "acute attack of" in page and "秋水仙碱" not in page
    physician.client.get("/language/zh?back=/knowledge")
    page = physician.get("/knowledge/patients/p1")
    assert "秋水仙碱" in page and "acute attack of" not in page
    physician.client.get("/language/en?back=/knowledge")


def test_nobody_else_enters(shelves: Shelves) -> None:
    for name in ("auditor", "admin", "officer"):
        person = Browser(shelves, name)
        person.get("/knowledge", 403)
        person.get("/knowledge/shelf", 403)
    Browser(shelves, "wang").get("/knowledge/shelf", 403)


def test_the_page_of_aids_says_what_takes_part(
    shelves: Shelves, curator: Browser, physician: Browser, tmp_path: Path
) -> None:
    assert "The search works with words alone." in curator.get("/knowledge/shelf/aids")
    (tmp_path / "own.csv").write_text("血钾过高\t高钾血症\n", encoding="utf-8")
    server = ModelServer("http://10.9.8.7:8000/v1", "bge")
    given = SearchAids(synonyms=tmp_path / "own.csv", reranking=server)
    index = shelves.library.index
    try:
        index._aids = Aids(given, shelves.building.floor.egress)
        index.equip()
        page = curator.get("/knowledge/shelf/aids")
        assert "own.csv" in page and "1 groups of names" in page
        assert "http://10.9.8.7:8000/v1 (bge)" in page
        assert "not on the list of COUNTERSIGN_EGRESS" in page
        shelves.published(TEXT)
        page = physician.get("/knowledge?q=血钾过高")
        assert "re-ranking server did not help in time" in page
        assert "Passages that speak of it" in page or "come near" in page
    finally:
        index._aids = None
        shelves.building.house.floor.library.index._search.equip(Engines())


def test_a_curator_has_a_folder_watched_and_sees_what_came_of_it(
    shelves: Shelves, curator: Browser, tmp_path: Path
) -> None:
    watching = shelves.library.watching
    assert "No folder is open to be watched." in curator.get("/knowledge/shelf/folders")
    (tmp_path / "private").mkdir()
    watching.root = tmp_path
    try:
        assert "no folder that you may choose" in curator.get("/knowledge/shelf/folders")
        (tmp_path / "cardiology" / "new").mkdir(parents=True)
        file = tmp_path / "cardiology" / "new" / "watched-one.md"
        file.write_text(TEXT.replace("高钾血症", "监视所得"), encoding="utf-8")
        os.utime(file, (1e9, 1e9))
        (tmp_path / "cardiology" / "new" / "tool.exe").write_bytes(b"MZ")
        owner = shelves.who("curator").id
        form = {"home": "cardiology", "audience": "doctors", "region": "China", "owner": owner}
        page = curator.post("/knowledge/shelf/folders", 422, folder="private", **form)
        assert "Choose one of the list" in page
        page = curator.post("/knowledge/shelf/folders", folder="cardiology/new", **form)
        assert "cardiology/new" in page and "not yet" in page
        assert watching.look() == 1
        page = curator.get("/knowledge/shelf/folders")
        assert "tool.exe" in page and "Files of this kind are not read" in page
        assert "watched-one" in curator.get("/knowledge/shelf")
        Browser(shelves, "keeper").get("/knowledge/shelf/folders")
        (watch,) = watching.all(shelves.who("curator"))
        Browser(shelves, "keeper").post(f"/knowledge/shelf/folders/{watch.id}/stop", 404)
        assert "cardiology/new" not in Browser(shelves, "keeper").get("/knowledge/shelf/folders")
        page = curator.post(f"/knowledge/shelf/folders/{watch.id}/stop")
        assert "Stop watching" not in page
    finally:
        watching.root = None


def test_the_folder_that_it_named_is_shown_and_cannot_be_stopped(
    shelves: Shelves, curator: Browser, tmp_path: Path
) -> None:
    watching, named = shelves.library.watching, tmp_path / "guidelines"
    named.mkdir()
    (named / "tool.exe").write_bytes(b"MZ")
    watching.named = named
    try:
        assert watching.look() == 0
        page = curator.get("/knowledge/shelf/folders")
        assert str(named) in page and "Only IT can stop the watch" in page
        assert "tool.exe" in page and "Stop watching" not in page
        assert "No folder is open" not in page and "Watch a folder" not in page
        (watch,) = watching.all(shelves.who("curator"))
        page = curator.post(f"/knowledge/shelf/folders/{watch.id}/stop", 409)
        assert "Ask IT to take it out there" in page
    finally:
        watching.named = None
        watching.look()


def test_what_a_colleague_found_helpful_is_said_beside_the_passage(
    shelves: Shelves, curator: Browser, physician: Browser
) -> None:
    document = upload(
        shelves, curator, TEXT.replace("高钾血症", "低钙抽搐").replace("血钾", "血钙")
    )
    publish(shelves, curator, document)
    asked = "/knowledge?q=低钙抽搐 血钙"
    page = Browser(shelves, "nurse").get(asked)
    forms = [one for one in page.split("<form")[1:] if "/feedback" in one.split(">")[0]]
    form = next(one for one in forms if document in one)
    given = dict(re.findall(r'name="(first|last|question|back)" value="([^"]*)"', form))
    assert given["question"] == "低钙抽搐 血钙"
    action = re.search(r'action="([^"]*)"', form)[1]  # type: ignore[index]
    Browser(shelves, "nurse").post(action, verdict="helpful", **given)
    assert "Found helpful for this question by colleagues: 1." in physician.get(asked)
    assert "Found helpful" not in physician.get(asked + "吗")
