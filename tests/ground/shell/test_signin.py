"""Signing in and out, the password and the purpose, on real accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from countersign.ground.db import Database
from countersign.ground.shell import local_path
from countersign.ground.shell.tokens import form_token
from ground.identity.world import INSTALLER, PASSWORD
from ground.shell.conftest import sign_in, token_in
from ground.shell.hospital import Hospital

FORM = "/gallery/form"


def submit(client: TestClient, page: str, to: str, **fields: str):  # noqa: ANN201
    data = {"csrf": token_in(client.get(page).text), **fields}
    return client.post(to, data=data)


def test_a_signed_out_person_is_led_to_the_page_they_wanted(client: TestClient) -> None:
    answer = client.get("/gallery/list?page=2&view=a%20b")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
    page = client.get(answer.headers["location"])
    assert 'name="next" value="/gallery/list?page=2&amp;view=a%20b"' in page.text
    done = submit(
        client,
        answer.headers["location"],
        "/sign-in",
        username=" doctor ",
        password=PASSWORD,
        next="/gallery/list?page=2&view=a%20b",
    )
    assert done.status_code == 303
    assert done.headers["location"] == "/gallery/list?page=2&view=a%20b"
    assert client.get("/gallery/list").status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_name(client: TestClient) -> None:
    answer = submit(client, "/sign-in", "/sign-in", username="doctor", password="guess")
    assert answer.status_code == 401
    assert "用户名或密码错误" in answer.text
    assert 'value="doctor"' in answer.text
    assert "guess" not in answer.text


def test_the_session_cookie_is_new_and_out_of_reach(client: TestClient) -> None:
    client.cookies.set("session", "chosen-by-somebody-else", domain="127.0.0.1", path="/")
    sign_in(client, "doctor")
    assert client.cookies.get("session") != "chosen-by-somebody-else"
    assert submit(client, FORM, "/sign-out").status_code == 303
    data = {"csrf": token_in(client.get("/sign-in").text), "username": "doctor"}
    answer = client.post("/sign-in", data={**data, "password": PASSWORD})
    header = answer.headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    assert "max-age" not in header.partition("session=")[2].partition(",")[0]


def test_over_tls_cookies_are_bound_to_this_host(hospital: Hospital) -> None:
    client = TestClient(
        hospital.with_site(secure=True), "https://127.0.0.1", follow_redirects=False
    )
    header = client.get("/sign-in", headers={"accept": "text/html"}).headers["set-cookie"]
    assert header.startswith("__Host-visitor=")
    assert "Secure" in header
    assert "Domain" not in header


def test_signing_out_ends_the_session(doctor: TestClient) -> None:
    token = doctor.cookies["session"]
    answer = submit(doctor, FORM, "/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert answer.headers["clear-site-data"] == '"storage"'
    assert "session" not in doctor.cookies
    doctor.cookies.set("session", token)
    assert doctor.get("/me").status_code == 303


def test_the_forms_token_is_the_one_that_identity_made(hospital: Hospital) -> None:
    opened = hospital.world.accounts.sign_in("doctor", PASSWORD)
    assert form_token(opened.token) == opened.csrf


def test_each_person_begins_the_day_elsewhere(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/sign-in"
    sign_in(client, "doctor")
    assert client.get("/").headers["location"] == "/gallery"
    assert client.get("/sign-in?next=/me").headers["location"] == "/me"


def test_the_menu_shows_what_the_policy_allows(client: TestClient, hospital: Hospital) -> None:
    page = sign_in(client, "doctor").get("/me").text
    assert 'href="/gallery/list"' in page
    assert 'href="/gallery/audit"' not in page
    assert client.get("/gallery/audit").status_code == 403
    other = TestClient(hospital.app, "http://127.0.0.1", headers={"accept": "text/html"})
    page = sign_in_following(other, "auditor").get("/me").text
    assert 'href="/gallery/audit"' in page
    assert 'href="/gallery/list"' not in page


def test_an_account_calls_departments_by_their_names(
    client: TestClient, hospital: Hospital
) -> None:
    people = hospital.world.people
    people.join(hospital.ids["doctor"], "nephrology", by=INSTALLER)
    sign_in(client, "doctor")
    assert "<dd>nephrology科</dd>" in client.get("/me").text
    people.part(hospital.ids["doctor"], "nephrology", by=INSTALLER)


def sign_in_following(client: TestClient, username: str) -> TestClient:
    data = {"csrf": token_in(client.get("/sign-in").text), "username": username}
    client.post("/sign-in", data={**data, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\nSet-Cookie: x=y",
        "/ok\x00",
        "gallery",
        "",
        "/" + "a" * 3000,
    ],
)
def test_nobody_is_led_to_a_foreign_site(client: TestClient, next_: str) -> None:
    assert local_path(next_) == "/"
    answer = submit(
        client, "/sign-in", "/sign-in", username="doctor", password=PASSWORD, next=next_
    )
    assert answer.headers["location"] == "/"
    back = client.get("/language/en", params={"back": next_})
    assert back.headers["location"] == "/"


class TestOwnAccount:
    """Changes of an account, in a hospital of its own."""

    @pytest.fixture
    def mine(self, database: Database) -> Iterator[TestClient]:
        hospital = Hospital(database)
        client = TestClient(
            hospital.app,
            "http://127.0.0.1",
            headers={"accept": "text/html", "accept-language": "en"},
            follow_redirects=False,
        )
        yield sign_in(client, "admin")
        hospital.world.ledger.close()

    def test_the_password_is_changed_once_both_new_ones_agree(self, mine: TestClient) -> None:
        new = "seven quiet herons at dawn"
        page = "/me/password"
        answer = submit(mine, page, page, old=PASSWORD, new=new, again=new + "!")
        assert (answer.status_code, "not the same" in answer.text) == (422, True)
        answer = submit(mine, page, page, old=PASSWORD, new="short", again="short")
        assert (answer.status_code, "too short" in answer.text) == (422, True)
        answer = submit(mine, page, page, old="wrong", new=new, again=new)
        assert (answer.status_code, "is wrong" in answer.text) == (401, True)
        before = mine.cookies["session"]
        answer = submit(mine, page, page, old=PASSWORD, new=new, again=new)
        assert answer.headers["location"] == "/me?changed=true"
        assert mine.cookies["session"] != before
        assert "Your password is changed" in mine.get("/me?changed=true").text

    def test_another_purpose_renews_the_session(self, mine: TestClient) -> None:
        before = mine.cookies["session"]
        assert 'value="treatment" checked' in mine.get("/me").text
        answer = submit(mine, "/me", "/me/purpose", purpose="operations")
        assert answer.status_code == 303
        assert mine.cookies["session"] != before
        assert 'value="operations" checked' in mine.get("/me").text
        assert submit(mine, "/me", "/me/purpose", purpose="research").status_code == 403
