"""The pages of second factors, presence and the hospital's sign-in, asked by hostile browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from countersign.ground.egress import Egress, places
from countersign.ground.identity import Role
from countersign.ground.identity.totp import code, step_at
from countersign.ground.shell import build_http, make_pages
from ground.identity.world import PASSWORD, START
from ground.shell.conftest import sign_in, token_in
from ground.shell.hospital import SITE, Hospital
from provider.running import Running, provider

OURS = "http://127.0.0.1"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with provider(OURS) as one:
        yield one


@pytest.fixture
def ward(hospital: Hospital, running: Running) -> Iterator[TestClient]:
    """A browser before a house that knows the provider; the clock is the machine's."""
    world, egress = hospital.world, Egress(places(["localhost"]))
    world.clock.now = datetime.now(UTC)
    entrance = world.enter(egress=egress, provider=running.settings)
    site = replace(SITE, demo=False)
    pages = make_pages(site, hospital.manifests, world.policy, hospital.switch)
    floor = replace(hospital.floor, entrance=entrance, site=site, pages=pages)
    headers = {"accept": "text/html", "accept-language": "en"}
    app = build_http(floor, hospital.manifests)
    with TestClient(app, OURS, headers=headers, follow_redirects=False) as client:
        yield client
    egress.close()
    world.clock.now = START


def at_provider(target: str, login: str) -> str:
    """Logs in at the provider's page; the path and query with which it leads back to us."""
    with httpx.Client(follow_redirects=False) as client:
        url = target
        while not url.startswith(f"{OURS}/"):
            page = client.get(url)
            if page.status_code == 200:
                page = client.post(url, data={"login": login})
            url = urljoin(url, page.headers["location"])
    return url.removeprefix(OURS)


def linked(hospital: Hospital, ward: TestClient, login: str) -> None:
    """Somebody new whose account of the hospital an administrator linked."""
    person = hospital.world.person(login, Role.PHYSICIAN)
    ward.get(at_provider(ward.get("/sign-in/hospital").headers["location"], login))
    by = hospital.world.accounts.sign_in("admin", PASSWORD).principal
    links = hospital.world.entrance.links
    arrival = next(one for one in links.arrivals(by=by) if one.label.startswith(login))
    links.link(arrival.id, person, by=by)
    ward.cookies.clear()


def half_way(hospital: Hospital, client: TestClient, name: str) -> str:
    """A person with a telephone who has given the password; the telephone's secret."""
    world = hospital.world
    person = world.person(name, Role.PHYSICIAN)
    factors = world.entrance.enrolment._factors
    secret = factors.begin_totp(person)
    factors.confirm_totp(person, code(secret, step_at(world.clock()) - 1), f"person:{person}")
    page = client.get("/sign-in")
    data = {"csrf": token_in(page.text), "username": name, "password": PASSWORD, "next": "/help"}
    answer = client.post("/sign-in", data=data)
    assert answer.headers["location"] == "/sign-in/second?next=%2Fhelp"
    return secret


def test_half_a_sign_in_opens_nothing(hospital: Hospital, client: TestClient) -> None:
    secret = half_way(hospital, client, "half")
    assert "session" not in client.cookies
    for path in ("/me", "/help", "/gallery", "/me/second", "/me/presence"):
        assert client.get(path).headers["location"].startswith("/sign-in")
    assert client.get("/sign-in/set-up").headers["location"].startswith("/sign-in/second")
    page = client.get("/sign-in/second?next=/help")
    assert secret not in page.text
    given = code(secret, step_at(hospital.world.clock()))
    # Without the page's own token, or with another's, the right code is not looked at.
    for csrf in ("", "made up"):
        data = {"csrf": csrf, "code": given, "next": "/help"}
        assert client.post("/sign-in/second", data=data).status_code == 403
    data = {"csrf": token_in(page.text), "code": given, "next": "//evil.example"}
    foreign = client.post("/sign-in/second", data=data, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    answer = client.post("/sign-in/second", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/me").status_code == 200
    assert "pending" not in client.cookies


def test_the_cookie_of_half_a_sign_in_is_out_of_reach(
    hospital: Hospital, client: TestClient
) -> None:
    half_way(hospital, client, "cookie")
    page = client.get("/sign-in")
    data = {"csrf": token_in(page.text), "username": "cookie", "password": PASSWORD}
    cookies = client.post("/sign-in", data=data).headers.get_list("set-cookie")
    pending = next(one.lower() for one in cookies if one.startswith("pending="))
    assert "httponly" in pending
    assert "samesite=lax" in pending
    assert "max-age=600" in pending


def test_presence_needs_the_pages_token_and_a_session(client: TestClient) -> None:
    assert client.get("/me/presence").headers["location"].startswith("/sign-in")
    sign_in(client, "doctor")
    data = {"csrf": "made up", "password": PASSWORD, "next": "/me"}
    assert client.post("/me/presence", data=data).status_code == 403
    page = client.get("/me/presence?next=//evil.example")
    assert 'name="next" value="/me"' in page.text
    data["csrf"] = token_in(page.text)
    wrong = client.post("/me/presence", data={**data, "password": "a guess"})
    assert wrong.status_code == 401
    assert "a guess" not in wrong.text
    assert client.post("/me/presence", data=data).headers["location"] == "/me"


def test_factors_change_after_a_proof_alone(hospital: Hospital, client: TestClient) -> None:
    sign_in(client, "doctor")
    csrf = token_in(client.get("/me").text)
    for path in ("/me/second/set-up", "/me/second/codes", "/me/second/any/remove"):
        answer = client.post(path, data={"csrf": csrf, "code": "000000"})
        assert answer.headers["location"].startswith("/me/presence?next=%2Fme%2Fsecond")
        assert client.post(path, data={"code": "000000"}).status_code == 403
    assert client.get("/me/second/set-up").headers["location"].startswith("/me/presence")
    assert hospital.world.pool.rows("select * from identity.enrolment where person_id = %s",
                                    (hospital.ids["doctor"],)) == []  # fmt: skip


def test_the_way_there_and_back(hospital: Hospital, ward: TestClient) -> None:
    linked(hospital, ward, "back")
    page = ward.get("/sign-in?next=/help")
    assert "/sign-in/hospital?next=%2Fhelp" in page.text
    answer = ward.get("/sign-in/hospital?next=/help")
    callback = at_provider(answer.headers["location"], "back")
    done = ward.get(callback)
    assert (done.status_code, done.headers["location"]) == (303, "/help")
    assert ward.get("/help").status_code == 200
    # A session that somebody put there before is not the one that goes on.
    ward.cookies.clear()
    ward.cookies.set("session", "chosen-by-somebody-else", domain="127.0.0.1", path="/")
    callback = at_provider(ward.get("/sign-in/hospital").headers["location"], "back")
    ward.get(callback)
    assert ward.cookies.get("session") != "chosen-by-somebody-else"
    assert ward.get("/help").status_code == 200


def test_a_callback_that_another_browser_began_signs_nobody_in(
    hospital: Hospital, ward: TestClient
) -> None:
    """Login CSRF: a page sends the victim to the callback of the attacker's own sign-in."""
    linked(hospital, ward, "mallory")
    callback = at_provider(ward.get("/sign-in/hospital").headers["location"], "mallory")
    ward.cookies.clear()
    answer = ward.get(callback)
    assert answer.status_code == 403
    assert "session" not in ward.cookies
    assert "was not accepted" in answer.text
    assert ward.get("/help").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_the_way_back_leads_to_no_foreign_site(
    hospital: Hospital, ward: TestClient, target: str
) -> None:
    name = f"lost{abs(hash(target)) % 1000}"
    linked(hospital, ward, name)
    answer = ward.get("/sign-in/hospital", params={"next": target})
    assert ward.get(at_provider(answer.headers["location"], name)).headers["location"] == "/"


@pytest.mark.parametrize(
    "query",
    ["", "state=&code=", "state=x&code=y", "error=access_denied", "state=%00&code=%ff", "iss=//x"],
)
def test_any_callback_is_answered_in_words(ward: TestClient, query: str) -> None:
    answer = ward.get(f"/sign-in/callback?{query}")
    assert answer.status_code == 403
    assert "Begin again from the sign-in page" in answer.text


def test_what_a_stranger_is_shown_tells_whom_to_ask(ward: TestClient, hospital: Hospital) -> None:
    callback = at_provider(ward.get("/sign-in/hospital").headers["location"], "stranger")
    answer = ward.get(callback)
    assert answer.status_code == 403
    assert "Ask the administrator of Countersign" in re.sub(r"\s+", " ", answer.text)
    assert "session" not in ward.cookies


def test_signing_out_leads_to_the_providers_end(hospital: Hospital, ward: TestClient) -> None:
    linked(hospital, ward, "leaver")
    ward.get(at_provider(ward.get("/sign-in/hospital").headers["location"], "leaver"))
    token = ward.cookies["session"]
    answer = ward.post("/sign-out", data={"csrf": token_in(ward.get("/me").text)})
    assert answer.status_code == 200
    target = re.search(r'href="(http://localhost:\d+/session/end\?[^"]+)"', answer.text)
    assert target is not None
    asked: Any = parse_qs(urlsplit(target[1].replace("&amp;", "&")).query)
    assert asked["post_logout_redirect_uri"] == [f"{OURS}/sign-in"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert hospital.world.process().principal_for(token) is None


def test_without_local_accounts_only_the_provider_is_offered(
    hospital: Hospital, running: Running
) -> None:
    world, egress = hospital.world, Egress(places(["localhost"]))
    accounts = world.process(local=False)
    entrance = world.enter(accounts, egress, running.settings)
    floor = replace(hospital.floor, accounts=accounts, entrance=entrance)
    headers = {"accept": "text/html", "accept-language": "en"}
    client = TestClient(
        build_http(floor, hospital.manifests), OURS, headers=headers, follow_redirects=False
    )
    page = client.get("/sign-in")
    assert 'name="password"' not in page.text
    assert "/sign-in/hospital" in page.text
    visitor = re.search(r'data-csrf="([0-9a-f]+)"', page.text)
    assert visitor is not None
    data = {"csrf": visitor[1], "username": "doctor", "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 403
    assert "session" not in client.cookies
    egress.close()


@pytest.mark.parametrize("given", ["", "x", "a.b.c", "é" * 40])
def test_a_sign_out_told_by_nobody_we_know_ends_nothing(
    hospital: Hospital, ward: TestClient, given: str
) -> None:
    linked(hospital, ward, f"told{len(given)}")
    login = f"told{len(given)}"
    ward.get(at_provider(ward.get("/sign-in/hospital").headers["location"], login))
    assert ward.get("/me").status_code == 200
    with TestClient(ward.app, OURS) as stranger:
        answer = stranger.post("/sign-out/hospital", data={"logout_token": given})
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"
    assert answer.headers["cache-control"] == "no-store"
    assert ward.get("/me").status_code == 200


def test_without_a_provider_nobody_tells_of_sign_outs(client: TestClient) -> None:
    assert client.post("/sign-out/hospital", data={"logout_token": "x"}).status_code == 400
