"""Errors become pages in the reader's language, or JSON; never a trace, never a secret."""

from __future__ import annotations

import logging

import pytest
from starlette.testclient import TestClient

from ground.shell.conftest import token_in


def test_an_unknown_address_says_what_to_do(doctor: TestClient) -> None:
    answer = doctor.get("/gallery/nowhere/else")
    assert answer.status_code == 404
    assert "该地址没有内容" in answer.text
    assert "shell.no_such_page" in answer.text
    assert 'href="/gallery/list"' in answer.text, "the menu is there"


def test_an_error_of_a_room_is_said_in_the_readers_language(doctor: TestClient) -> None:
    english = doctor.get("/gallery/list/101", headers={"accept-language": "en"})
    assert "There is nothing at this address" in english.text
    assert english.headers["content-language"] == "en"


def test_a_wrong_method_and_an_unfit_value(doctor: TestClient) -> None:
    answer = doctor.get("/gallery/list/abc")
    assert answer.status_code == 422
    assert "row" in answer.text
    token = token_in(doctor.get("/me").text)
    answer = doctor.post("/gallery/list", data={"csrf": token})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "POST" in answer.text


def test_other_systems_get_json(client: TestClient) -> None:
    answer = client.get("/gallery", headers={"accept": "application/fhir+json"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "shell.not_signed_in"
    assert answer.json()["error"]["status"] == 401
    answer = client.get("/nowhere", headers={"accept": "*/*", "accept-language": "en"})
    assert answer.json()["error"]["message"].startswith("There is nothing at this address")


def test_a_part_of_a_page_gets_a_part(doctor: TestClient) -> None:
    answer = doctor.get("/gallery/list/101", headers={"hx-request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert "data-problem" in answer.text


def test_a_part_of_a_page_leads_to_sign_in_when_the_session_has_ended(client: TestClient) -> None:
    headers = {"hx-request": "true", "accept": "*/*"}
    answer = client.get("/gallery/list", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fgallery%2Flist"


def test_a_sent_form_leads_back_to_its_page(client: TestClient) -> None:
    answer = client.post("/gallery/form", headers={"referer": "http://127.0.0.1/gallery/form?a=1"})
    assert answer.headers["location"] == "/sign-in?next=%2Fgallery%2Fform%3Fa%3D1"
    answer = client.post("/gallery/form", headers={"referer": "http://evil.example/x"})
    assert answer.headers["location"] == "/sign-in"


def test_what_nobody_foresaw_leaves_a_reference_and_no_trace(
    doctor: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    answer = doctor.get("/gallery/broken", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong on the server" in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Zhang San" not in answer.text
    [line] = caplog.messages
    reference = line.partition("reference ")[2].partition(":")[0]
    assert reference in answer.text
    assert "RuntimeError" in line
    assert "hospital.py" in line
    assert "Zhang San" not in line, "what an exception says may be clinical"
    assert answer.headers["content-security-policy"]


def test_a_database_that_is_gone_is_told_as_such(
    doctor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countersign.ground.db import DatabaseUnavailable
    from countersign.ground.identity import Accounts

    def gone(self: Accounts, token: str) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(Accounts, "principal_for", gone)
    answer = doctor.get("/gallery")
    assert answer.status_code == 503
    assert "数据库无响应" in answer.text
