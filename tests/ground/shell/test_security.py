"""What a request must pass, and the headers that every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from countersign.ground.shell import RequestTooLarge
from countersign.ground.shell.security import SizeLimit
from ground.shell.conftest import token_in
from ground.shell.hospital import Hospital

FORM = "/gallery/form"


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/static/mark.svg", "/me"])
def test_every_answer_is_fenced_in(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_are_stored_nowhere(doctor: TestClient) -> None:
    assert doctor.get("/gallery").headers["cache-control"] == "no-store"
    assert doctor.get("/nowhere").headers["cache-control"] == "no-store"


def test_only_over_tls_is_tls_demanded(client: TestClient, hospital: Hospital) -> None:
    assert "strict-transport-security" not in client.get("/sign-in").headers
    secure = TestClient(hospital.with_site(secure=True), "https://127.0.0.1")
    assert "strict-transport-security" in secure.get("/sign-in").headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@x"])
def test_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/sign-in", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST", "[::1]:8000"])
def test_own_host_names_pass(client: TestClient, host: str) -> None:
    assert client.get("/sign-in", headers={"host": host}).status_code == 200


class TestForgery:
    """Every way to send a form that was not ours."""

    def send(self, client: TestClient, data: dict[str, str], **headers: str) -> int:
        return client.post(FORM, data=data, headers=headers).status_code

    def test_our_own_form_passes(self, doctor: TestClient) -> None:
        token = token_in(doctor.get(FORM).text)
        assert self.send(doctor, {"csrf": token, "text": "a"}) == 303
        assert self.send(doctor, {"text": "a"}, **{"x-csrf-token": token}) == 303
        own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
        assert self.send(doctor, {"csrf": token, "text": "a"}, **own) == 303

    def test_a_form_without_our_token_is_refused(self, doctor: TestClient) -> None:
        token = token_in(doctor.get(FORM).text)
        assert self.send(doctor, {"text": "a"}) == 403
        assert self.send(doctor, {"csrf": "", "text": "a"}) == 403
        assert self.send(doctor, {"csrf": token[:-1] + "x", "text": "a"}) == 403
        assert self.send(doctor, {"text": "a", "csrf": token}) == 403, "it comes first"
        assert self.send(doctor, {"csrf": token + token, "text": "a"}) == 403
        assert doctor.post(FORM, content=b'{"csrf": 1}').status_code == 403
        assert doctor.post(FORM, headers={"x-csrf-token": "é".encode()}).status_code == 403

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "http://evil.example"},
            {"origin": "null"},
            {"origin": "http://127.0.0.1:9000"},
            {"origin": "http://127.0.0.1.evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ],
    )
    def test_our_token_from_a_foreign_page_is_refused(
        self, doctor: TestClient, headers: dict[str, str]
    ) -> None:
        token = token_in(doctor.get(FORM).text)
        assert self.send(doctor, {"csrf": token, "text": "a"}, **headers) == 403

    def test_the_token_of_another_session_is_refused(
        self, doctor: TestClient, hospital: Hospital
    ) -> None:
        stranger = TestClient(hospital.app, "http://127.0.0.1", headers={"accept": "text/html"})
        foreign = token_in(stranger.get("/sign-in").text)
        visitor = stranger.cookies["visitor"]
        doctor.cookies.set("visitor", visitor)  # planted from a neighbouring host
        assert self.send(doctor, {"csrf": foreign, "text": "a"}) == 403

    def test_nobody_is_signed_in_to_a_strangers_account(self, client: TestClient) -> None:
        assert client.post("/sign-in", data={"username": "doctor"}).status_code == 403
        client.get("/sign-in")
        assert client.post("/sign-in", data={"csrf": "x", "username": "doctor"}).status_code == 403

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "post", "PROPFIND"])
    def test_every_changing_method_is_asked(self, doctor: TestClient, method: str) -> None:
        assert doctor.request(method, FORM).status_code == 403

    def test_an_upload_is_judged_by_its_first_part(self, doctor: TestClient) -> None:
        token = token_in(doctor.get(FORM).text)
        file = {"file": ("a.txt", b"x" * 50_000)}
        good = doctor.post(FORM, data={"csrf": token, "text": "up"}, files=file)
        assert good.status_code == 303
        assert "up/" in doctor.get(FORM).text, "nothing of the body was lost"
        assert doctor.post(FORM, data={"text": "up"}, files=file).status_code == 403

    def test_a_refusal_says_what_to_do(self, doctor: TestClient) -> None:
        answer = doctor.post(FORM, data={"text": "a"})
        assert "刷新页面" in answer.text


def run(limit: int, chunks: Iterable[bytes], headers: Iterable[tuple[bytes, bytes]] = ()) -> Any:
    """What SizeLimit answers when this body streams in, and how many chunks were read."""
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Message] = []
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def room(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        try:
            while more:
                more = (await receive())["more_body"]
        except RequestTooLarge:
            await PlainTextResponse("swallowed", 400)(scope, receive, send)
            return
        await PlainTextResponse("done")(scope, receive, send)

    app = SizeLimit(room, lambda path: limit, lambda _, e: PlainTextResponse(str(e), e.status))
    scope = {"type": "http", "path": "/", "method": "POST", "headers": list(headers)}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], read, len(waiting)


def test_a_body_of_the_right_size_passes() -> None:
    assert run(100, [b"x" * 50, b"x" * 50])[0] == 200


def test_a_large_body_is_stopped_while_it_streams() -> None:
    status, read, left = run(100, [b"x" * 60] * 1000)
    assert status == 413, "also when the page swallows the reason"
    assert read == 2
    assert left > 900


def test_a_large_body_that_says_so_is_not_read_at_all() -> None:
    assert run(100, [b"x" * 200], [(b"content-length", b"200")])[:2] == (413, 0)


def test_a_body_that_lies_about_its_size_is_stopped() -> None:
    assert run(100, [b"x" * 200], [(b"content-length", b"5")])[0] == 413
    assert run(100, [b"x" * 200], [(b"content-length", b"-1")])[0] == 413


def test_a_path_may_take_more(hospital: Hospital) -> None:
    site = hospital.floor.site
    assert site.limit_for("/gallery") == 1024 * 1024
    app = hospital.with_site(body_limit=1000, body_limits={"/sign": 2000, "/sign-in": 3000})
    client = TestClient(app, "http://127.0.0.1", headers={"accept": "text/html"})
    assert client.post("/sign-in", data={"username": "x" * 2500}).status_code == 403
    assert client.post("/sign-out", data={"username": "x" * 2500}).status_code == 413
    answer = client.post("/me/password", data={"old": "x" * 2500})
    assert answer.status_code == 413
    assert "KB" in answer.text
