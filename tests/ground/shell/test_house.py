"""How the application is put together: no page is open by mistake, nothing comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from countersign.ground.db import Database
from countersign.ground.identity import Action, LicenceKind, Principal, Role
from countersign.ground.models import SwitchState
from countersign.ground.shell import (
    Assets,
    Floor,
    Linked,
    Manifest,
    NavItem,
    SharedAddress,
    SignedIn,
    UnguardedPage,
    actions_of,
    build_http,
    built,
    guarded,
    named,
    step,
)
from countersign.ground.shell.assets import DIST
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words
from ground.shell.conftest import token_in
from ground.shell.hospital import Hospital

WORDS = Words("Room", "诊室")


def one_page(path: str, guard: object) -> Manifest:
    def pages(floor: Floor) -> APIRouter:
        router = APIRouter()

        def page(principal: guard) -> str:  # type: ignore[valid-type]
            return "here"

        page.__annotations__["principal"] = guard
        router.add_api_route(path, page)
        return router

    return Manifest(name="one", title=WORDS, summary=WORDS, pages=pages)


def test_a_page_that_asks_nobody_who_they_are_is_not_built(hospital: Hospital) -> None:
    with pytest.raises(UnguardedPage, match="one"):
        build_http(hospital.floor, [one_page("/one", str)])
    guard = Annotated[Principal, guarded(Action.INBOX_READ)]
    for allowed in (SignedIn, guard):
        build_http(hospital.floor, [one_page("/one", allowed)])


@pytest.mark.parametrize("path", ["/gallery/more", "/sign-in/x", "/me", "/static/x"])
def test_no_room_takes_anothers_address(hospital: Hospital, path: str) -> None:
    with pytest.raises(SharedAddress):
        build_http(hospital.floor, [*hospital.manifests, one_page(path, SignedIn)])


def test_the_actions_of_a_page_can_be_listed(hospital: Hospital) -> None:
    found = {
        route.path: actions_of(route)  # type: ignore[attr-defined]
        for route in hospital.manifests[0].pages(hospital.floor).routes  # type: ignore[misc]
    }
    assert found["/gallery"] == {Action.INBOX_READ}
    assert found["/gallery/audit"] == {Action.AUDIT_READ}
    assert found["/gallery/list"] == frozenset()


def test_no_documentation_page_that_loads_from_elsewhere(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


def test_files_outside_the_static_folder_stay_there(client: TestClient) -> None:
    for path in ("/static/../assets.py", "/static/%2e%2e/assets.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


def test_built_files_may_be_kept_and_others_not(client: TestClient) -> None:
    [style] = built().main.styles
    assert "immutable" in client.get(style).headers["cache-control"]
    assert client.get("/static/mark.svg").headers["cache-control"] == "no-cache"
    missing = client.get("/static/dist/assets/none.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


def test_every_page_links_the_build(doctor: TestClient) -> None:
    page = doctor.get("/gallery").text
    for path in (*built().main.styles, *built().main.scripts):
        assert path in page
        assert doctor.get(path).status_code == 200


def test_without_a_build_the_plain_styles_are_linked(database: Database) -> None:
    hospital = Hospital(database, assets=Assets())
    client = TestClient(hospital.app, "http://127.0.0.1", headers={"accept": "text/html"})
    page = client.get("/sign-in").text
    assert '<link rel="stylesheet" href="/static/css/shell.css">' in page
    assert "<script" not in page
    sheet = client.get("/static/css/shell.css").text
    for name in re.findall(r'@import "(.+?)"', sheet):
        assert client.get(f"/static/css/{name}").status_code == 200
    hospital.world.ledger.close()


def test_a_manifest_of_a_build_is_followed_to_its_styles(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        '{"src/main.ts": {"file": "assets/m.js", "isEntry": true, "css": ["assets/m.css"],'
        ' "imports": ["_a"]}, "_a": {"file": "assets/a.js", "css": ["assets/a.css"],'
        ' "imports": ["_b"]}, "_b": {"file": "assets/b.js", "imports": ["_a"]},'
        ' "src/islands/slide.ts": {"file": "assets/s.js", "isEntry": true}}'
    )
    assets = built(tmp_path)
    assert set(assets.main.styles) == {"/static/dist/assets/m.css", "/static/dist/assets/a.css"}
    assert assets.main.scripts == ("/static/dist/assets/m.js",)
    assert assets.island("slide") == Linked(scripts=("/static/dist/assets/s.js",))
    assert assets.island("none") == Linked()


def test_no_script_evaluates_text_and_no_page_has_any_inline(doctor: TestClient) -> None:
    for page in ("/gallery", "/gallery/form", "/help", "/me"):
        text = doctor.get(page).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text)
    assert DIST.is_dir()


def test_hostile_text_is_only_text(doctor: TestClient) -> None:
    evil = '"><script>alert(1)</script>{{ 7 * 7 }}'
    token = token_in(doctor.get("/gallery/form").text)
    doctor.post("/gallery/form", data={"csrf": token, "text": evil})
    page = doctor.get("/gallery/form").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    page = doctor.get("/gallery/list", params={"a": evil}).text
    assert "<script>alert" not in page


def test_a_stopped_ai_is_said_on_every_page(
    client: TestClient, doctor: TestClient, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "data-ai-stopped hidden" in doctor.get("/me").text
    assert doctor.get("/ai-state").json() == {"stopped": False}
    state = SwitchState(True, "person:1", "Wrong units from the laboratory", hospital.world.clock())
    monkeypatch.setattr(hospital.switch, "state", lambda: state, raising=False)
    for path in ("/me", "/gallery", "/nowhere"):
        text = doctor.get(path).text
        assert "data-ai-stopped hidden" not in text
        assert "AI 已停止" in text
        assert "Wrong units from the laboratory" in text
    assert doctor.get("/ai-state").json() == {"stopped": True}


def test_a_switch_that_cannot_be_read_claims_nothing(
    doctor: TestClient, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countersign.ground.db import DatabaseUnavailable

    def gone() -> SwitchState:
        raise DatabaseUnavailable

    monkeypatch.setattr(hospital.switch, "state", gone, raising=False)
    assert "无法确定 AI 是否已停止" in doctor.get("/me").text
    assert doctor.get("/ai-state").json() == {"stopped": None}


def test_invented_data_is_marked_on_every_page(doctor: TestClient, hospital: Hospital) -> None:
    for path in ("/me", "/gallery", "/nowhere", "/help"):
        assert "演示数据 · invented data" in doctor.get(path).text
    real = TestClient(hospital.with_site(demo=False), "http://127.0.0.1")
    assert "演示数据" not in real.get("/sign-in", headers={"accept": "text/html"}).text


def test_every_role_licence_and_step_has_a_name() -> None:
    for value in (*Role, *LicenceKind):
        assert named(value).zh
    assert step("draft-signed").zh == "签署草稿"
    assert step("of-a-newer-version").en == "of-a-newer-version"


def test_a_manifest_must_be_whole() -> None:
    signers = frozenset({LicenceKind.PHYSICIAN})
    assert Manifest("a", WORDS, WORDS, RiskClass.HIGH, signers).jobs is None
    for wrong in ({"risk": RiskClass.LOW}, {"signers": signers}):
        with pytest.raises(ValueError, match="risk class and signers"):
            Manifest("a", WORDS, WORDS, **wrong)  # type: ignore[arg-type]
    for name in ("shell", "components", "a-b", ""):
        with pytest.raises(ValueError, match="cannot be called"):
            Manifest(name, WORDS, WORDS)
    assert NavItem("/a", WORDS, ()).home == frozenset()
