"""Whoever signs out at the hospital's provider is signed out here, and nobody else is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.db import Database
from countersign.ground.egress import Egress, places
from countersign.ground.identity import Entrance, NoProvider, Role, SignedOut, TokenRefused
from countersign.ground.identity.backchannel import EVENT, Farewell, farewell
from ground.identity.test_idtoken import EXPECTED, NOW, published, token
from ground.identity.test_openid import OURS, REDIRECT, Browser, linked
from ground.identity.world import World
from provider.running import Running, free_port, provider


class Heard:
    """Where the provider tells of sign-outs: a server of ours, which keeps what it was told."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                heard.tokens.append(parse_qs(body)["logout_token"][0])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/sign-out/hospital"

    @contextmanager
    def listening(self) -> Iterator[None]:
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        yield
        self.server.shutdown()
        thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    made = Heard()
    with made.listening():
        yield made


@pytest.fixture(scope="module")
def running(heard: Heard) -> Iterator[Running]:
    with provider(OURS, port=free_port(), ended=heard.url) as one:
        yield one


@pytest.fixture(scope="module")
def world(module_database: Database) -> Iterator[World]:
    one = World(module_database)
    one.clock.now = datetime.now(UTC)
    one.person("admin", Role.ADMINISTRATOR)
    yield one
    one.ledger.close()


@pytest.fixture
def entrance(world: World, running: Running) -> Iterator[Entrance]:
    world.clock.now = datetime.now(UTC)
    egress = Egress(places(["localhost"]))
    yield world.enter(egress=egress, provider=running.settings)
    egress.close()


def arrive(entrance: Entrance, login: str) -> tuple[str, Browser]:
    """A session of a browser, and the browser, which is still logged in at the provider."""
    browser = Browser()
    answered = browser.answered(entrance.openid.begin(login, REDIRECT, "/"), login)
    arrived = entrance.openid.finish(login, answered, REDIRECT, None)
    assert arrived.signed_in is not None
    return arrived.signed_in.token, browser


def leave(entrance: Entrance, browser: Browser, running: Running) -> None:
    """Logs out at the provider's own page, as from another application of the hospital."""
    with httpx.Client(cookies=browser.cookies, follow_redirects=False) as client:
        page = client.get(f"{running.issuer}/session/end")
        secret = re.search(r'name="xsrf" value="([^"]+)"', page.text)
        assert secret is not None
        done = client.post(
            f"{running.issuer}/session/end/confirm", data={"xsrf": secret[1], "logout": "yes"}
        )
        assert done.status_code == 303


def test_a_sign_out_at_the_provider_ends_that_session_and_no_other(
    world: World, entrance: Entrance, running: Running, heard: Heard
) -> None:
    for name in ("gong", "hua"):
        linked(world, entrance, name)
    ward, browser = arrive(entrance, "gong")
    office, _ = arrive(entrance, "gong")
    other, _ = arrive(entrance, "hua")
    leave(entrance, browser, running)
    assert len(heard.tokens) == 1
    with pytest.raises(NoProvider):
        world.enter().afar.end(heard.tokens[0])
    assert entrance.afar.end(heard.tokens[0]) == 1
    with pytest.raises(SignedOut):
        world.accounts.required(ward)
    assert world.accounts.required(office) and world.accounts.required(other)
    event = world.events("sign-out")[-1]
    assert (event.actor, event.detail) == ("system:sign-in", {"revoked": True})
    with pytest.raises(TokenRefused) as refused:
        entrance.afar.end(heard.tokens.pop())
    assert refused.value.details["reason"] == "replayed"


def said(**changes: Any) -> str:
    more = {"jti": "one", "events": {EVENT: {}}, "sid": "s", "nonce": None}
    return token({"typ": "logout+jwt"}, **{**more, **changes})


def judge(given: str) -> Farewell:
    return farewell(given, published(), EXPECTED.issuer, EXPECTED.client, NOW)


def test_a_logout_token_names_somebody_or_a_session() -> None:
    assert judge(said()) == Farewell("u-4711", "s", "one")
    assert judge(said(sid=None)) == Farewell("u-4711", None, "one")
    assert judge(said(sub=None)) == Farewell(None, "s", "one")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sub": None, "sid": None}, "subject"),
        ({"jti": None}, "subject"),
        ({"sid": 7}, "subject"),
        ({"events": None}, "event"),
        ({"events": {}}, "event"),
        ({"events": {EVENT: "yes"}}, "event"),
        ({"events": [EVENT]}, "event"),
        ({"nonce": EXPECTED.nonce}, "nonce"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"iat": int(NOW.timestamp()) - 3600}, "time"),
        ({"exp": int(NOW.timestamp()) - 3600}, "expired"),
    ],
)
def test_whatever_is_wrong_with_it_ends_nothing(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        judge(said(**changes))
    assert refused.value.details["reason"] == reason


def test_neither_an_id_token_nor_another_kind_is_taken_for_one() -> None:
    with pytest.raises(TokenRefused):
        judge(token())
    with pytest.raises(TokenRefused) as refused:
        judge(token({"typ": "at+jwt"}, jti="one", events={EVENT: {}}, nonce=None))
    assert refused.value.details["reason"] == "type"


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(TokenRefused):
        judge(text)
