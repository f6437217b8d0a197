"""The hospital's own sign-in against a real provider, a process that nobody here wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from countersign.ground.db import Database
from countersign.ground.egress import Answer, Egress, EgressRefused, places
from countersign.ground.identity import (
    Answered,
    Entrance,
    Forbidden,
    NoProvider,
    NotFound,
    Principal,
    ProviderBroken,
    ProviderSettings,
    Role,
    SecondFactorNeeded,
    SignedOut,
    TokenRefused,
    UnknownSubject,
)
from ground.identity.test_second import enrolled
from ground.identity.world import PASSWORD, World
from provider.running import Running, free_port, provider

OURS = "http://127.0.0.1:1"
REDIRECT = f"{OURS}/sign-in/callback"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with provider(OURS) as one:
        yield one


@pytest.fixture(scope="module")
def world(module_database: Database) -> Iterator[World]:
    one = World(module_database)
    one.clock.now = datetime.now(UTC)
    one.person("admin", Role.ADMINISTRATOR)
    yield one
    one.ledger.close()


@pytest.fixture(autouse=True)
def now(world: World) -> None:
    """The provider judges by the machine's clock, so that ours must agree."""
    world.clock.now = datetime.now(UTC)


@pytest.fixture
def egress() -> Iterator[Egress]:
    one = Egress(places(["localhost"]))
    yield one
    one.close()


@pytest.fixture
def entrance(world: World, running: Running, egress: Egress) -> Entrance:
    return world.enter(egress=egress, provider=running.settings)


def admin(world: World) -> Principal:
    return world.accounts.sign_in("admin", PASSWORD).principal


class Browser:
    """Walks to the provider and back, as a browser does; each has cookies of its own."""

    def __init__(self) -> None:
        self.cookies = httpx.Cookies()

    def answered(self, target: str, login: str) -> Answered:
        """What the provider sends back, after the page of its own was filled in."""
        with httpx.Client(follow_redirects=False, cookies=self.cookies) as client:
            answered = self._walked(client, target, login)
            self.cookies = client.cookies
        return answered

    def _walked(self, client: httpx.Client, target: str, login: str) -> Answered:
        url = target
        for _ in range(12):
            if url.startswith(OURS):
                said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
                return Answered(
                    said.get("state", ""), said.get("code", ""), said.get("error", ""),
                    said.get("iss"),
                )  # fmt: skip
            page = client.get(url)
            if page.status_code == 200:
                assert "Hospital login" in page.text
                page = client.post(url, data={"login": login})
            url = urljoin(url, page.headers["location"])
        raise AssertionError("the provider leads nowhere")


def linked(world: World, entrance: Entrance, login: str, *roles: Role) -> str:
    """A person whom an administrator linked to a subject that came before."""
    person = world.person(login, *(roles or (Role.PHYSICIAN,)))
    browser = Browser()
    answered = browser.answered(entrance.openid.begin("secret", REDIRECT, "/"), login)
    with pytest.raises(UnknownSubject) as unknown:
        entrance.openid.finish("secret", answered, REDIRECT, None)
    by = admin(world)
    (arrival,) = [one for one in entrance.links.arrivals(by=by) if one.label == f"{login}@hospital"]
    assert unknown.value.details == {"reference": arrival.reference}
    entrance.links.link(arrival.id, person, by=by)
    return person


def test_nobody_gains_a_right_by_coming_from_there(
    world: World, entrance: Entrance, egress: Egress, running: Running
) -> None:
    person = linked(world, entrance, "fang")
    assert world.events("sign-in-failed")[-1].detail == {
        "way": "openid", "reason": "identity.unknown_subject",
    }  # fmt: skip
    event = world.events("identity-linked")[-1]
    assert (event.actor, event.subject) == (admin(world).actor, f"person:{person}")
    # Begun in one process, finished in another.
    other = world.enter(egress=egress, provider=running.settings)
    target = entrance.openid.begin("browser", REDIRECT, "/inbox?view=waiting")
    answered = Browser().answered(target, "fang")
    arrived = other.openid.finish("browser", answered, REDIRECT, None)
    assert arrived.back == "/inbox?view=waiting"
    assert arrived.signed_in is not None
    principal = arrived.signed_in.principal
    assert (principal.id, principal.roles) == (person, {Role.PHYSICIAN})
    assert world.events("sign-in")[-1].detail == {"purpose": "treatment", "way": "openid"}


def test_the_request_carries_what_protects_it(entrance: Entrance, running: Running) -> None:
    target = urlsplit(entrance.openid.begin("browser", REDIRECT, "/"))
    asked = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert f"{target.scheme}://{target.netloc}" == running.issuer
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert len({asked[name] for name in ("state", "nonce", "code_challenge")}) == 3
    assert asked["redirect_uri"] == REDIRECT


def test_an_answer_is_good_once_and_for_the_browser_that_asked(
    world: World, entrance: Entrance
) -> None:
    linked(world, entrance, "gao")
    for browser in (None, "another browser"):
        answered = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "gao")
        with pytest.raises(TokenRefused):
            entrance.openid.finish(browser, answered, REDIRECT, None)
        with pytest.raises(TokenRefused):  # and it is used up by that
            entrance.openid.finish("mine", answered, REDIRECT, None)
    answered = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "gao")
    assert entrance.openid.finish("mine", answered, REDIRECT, None).signed_in
    with pytest.raises(TokenRefused):
        entrance.openid.finish("mine", answered, REDIRECT, None)
    # The same code under a state of its own: the provider itself refuses it.
    other = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "gao")
    with pytest.raises(ProviderBroken):
        entrance.openid.finish(
            "mine", Answered(other.state, answered.code, "", other.issuer), REDIRECT, None
        )
    # A code of one journey under the state of another: the verifier is not its own.
    first = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "gao")
    second = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "gao")
    with pytest.raises(ProviderBroken):
        entrance.openid.finish(
            "mine", Answered(second.state, first.code, "", second.issuer), REDIRECT, None
        )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"error": "access_denied"}, "declined"),
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"code": ""}, "code"),
        ({"code": "x" * 3000}, "code"),
        ({"state": "made up"}, "state"),
        ({"state": ""}, "state"),
    ],
)
def test_an_answer_that_is_bent_is_refused(
    world: World, entrance: Entrance, changes: dict[str, str], reason: str
) -> None:
    answered = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "hu")
    given = {name: getattr(answered, name) for name in ("state", "code", "error", "issuer")}
    with pytest.raises(TokenRefused) as refused:
        entrance.openid.finish("mine", Answered(**{**given, **changes}), REDIRECT, None)
    assert refused.value.details["reason"] == reason
    assert world.events("sign-in-failed")[-1].detail == {"way": "openid", "reason": reason}


def test_who_waits_too_long_begins_again(world: World, entrance: Entrance) -> None:
    answered = Browser().answered(entrance.openid.begin("mine", REDIRECT, "/"), "hu")
    world.clock.move(minutes=11)
    with pytest.raises(TokenRefused):
        entrance.openid.finish("mine", answered, REDIRECT, None)


def arrives(entrance: Entrance, login: str, token: str | None = None) -> Any:
    target = entrance.openid.begin("mine", REDIRECT, "/")
    return entrance.openid.finish("mine", Browser().answered(target, login), REDIRECT, token)


def test_the_session_of_before_ends_and_the_secret_is_a_fresh_one(
    world: World, entrance: Entrance
) -> None:
    linked(world, entrance, "jiang")
    before = world.accounts.sign_in("admin", PASSWORD).token
    arrived = arrives(entrance, "jiang", before)
    assert arrived.signed_in.token != before
    assert world.process().principal_for(before) is None


def test_who_left_or_was_closed_or_unlinked_does_not_get_in(
    world: World, entrance: Entrance
) -> None:
    by = admin(world)
    left, closed, ended = (linked(world, entrance, name) for name in ("kang", "lin", "meng"))
    token = arrives(entrance, "meng").signed_in.token
    world.people.leave(left, by=by)
    world.accounts.close(closed, by=by)
    (link,) = entrance.links.of(ended, by=by)
    assert entrance.links.unlink(link.id, by=by) == ended
    assert world.process().principal_for(token) is None, "what is open ends with the link"
    for name in ("kang", "lin", "meng"):
        with pytest.raises(UnknownSubject):
            arrives(entrance, name)
    with pytest.raises(NotFound):
        entrance.links.unlink(link.id, by=by)
    assert world.events("identity-unlinked")[-1].subject == f"person:{ended}"


def test_only_an_administrator_links(world: World, entrance: Entrance) -> None:
    person = linked(world, entrance, "ning")
    doctor = arrives(entrance, "ning").signed_in.principal
    for attempt in (
        lambda: entrance.links.arrivals(by=doctor),
        lambda: entrance.links.of(person, by=doctor),
        lambda: entrance.links.link("any", person, by=doctor),
        lambda: entrance.links.unlink("any", by=doctor),
    ):
        with pytest.raises(Forbidden):
            attempt()
    with pytest.raises(NotFound):
        entrance.links.link("no such arrival", person, by=admin(world))


def test_the_second_factor_is_asked_for_after_the_provider_too(
    world: World, entrance: Entrance
) -> None:
    linked(world, entrance, "ouyang")
    enrolled(world, "ouyang")
    arrived = arrives(entrance, "ouyang")
    assert arrived.signed_in is None
    assert entrance.waiting(arrived.pending) is not None
    with pytest.raises(SecondFactorNeeded):
        world.accounts.sign_in("ouyang", PASSWORD)


def test_presence_can_be_proved_at_the_provider(world: World, entrance: Entrance) -> None:
    linked(world, entrance, "pan")
    linked(world, entrance, "qian")
    browser = Browser()
    target = entrance.openid.begin("mine", REDIRECT, "/")
    arrived = entrance.openid.finish("mine", browser.answered(target, "pan"), REDIRECT, None)
    assert arrived.signed_in is not None
    token = arrived.signed_in.token
    session = world.accounts.required(token)
    assert entrance.presences.fresh(session.principal) is None, "sign-in is no fresh proof"
    again = entrance.openid.begin("mine", REDIRECT, "/inbox/1", session)
    assert "prompt=login" in again
    # The provider remembers the browser, and asks all the same.
    entrance.openid.finish("mine", browser.answered(again, "pan"), REDIRECT, token)
    assert entrance.presences.fresh(session.principal) is not None
    assert world.events("stepped-up")[-1].detail == {"way": "openid"}
    # Somebody else's login proves nothing, and neither does another session's journey.
    other = entrance.openid.begin("mine", REDIRECT, "/inbox/1", session)
    with pytest.raises(TokenRefused):
        entrance.openid.finish("mine", Browser().answered(other, "qian"), REDIRECT, token)
    elsewhere = arrives(entrance, "pan").signed_in.token
    mine = entrance.openid.begin("mine", REDIRECT, "/inbox/1", session)
    with pytest.raises(TokenRefused):
        entrance.openid.finish("mine", Browser().answered(mine, "pan"), REDIRECT, elsewhere)
    gone = entrance.openid.begin("mine", REDIRECT, "/inbox/1", session)
    with pytest.raises(SignedOut):
        entrance.openid.finish("mine", Browser().answered(gone, "pan"), REDIRECT, None)


def test_signing_out_ends_the_providers_session_as_well(world: World, entrance: Entrance) -> None:
    linked(world, entrance, "ruan")
    token = arrives(entrance, "ruan").signed_in.token
    target = entrance.openid.farewell(token, f"{OURS}/sign-in")
    assert target is not None
    page = httpx.get(target)
    assert page.status_code == 200, "the provider knows the token and where to lead back"
    assert "/session/end" in page.text
    assert entrance.openid.farewell(token, f"{OURS}/sign-in") is None, "once"
    local = world.accounts.sign_in("admin", PASSWORD).token
    assert entrance.openid.farewell(local, f"{OURS}/sign-in") is None


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_the_provider_may_change_its_keys(world: World, egress: Egress, alg: str) -> None:
    port = free_port()
    with provider(OURS, port=port, kid="first", alg=alg) as first:
        entrance = world.enter(egress=egress, provider=first.settings)
        linked(world, entrance, f"shen{alg.lower()}")
    with provider(OURS, port=port, kid="second", alg=alg):
        with pytest.raises(TokenRefused):  # a flood of unknown keys does not make a flood of ours
            arrives(entrance, f"shen{alg.lower()}")
        world.clock.move(seconds=31)
        assert arrives(entrance, f"shen{alg.lower()}").signed_in


def test_nothing_is_asked_of_a_server_that_is_not_on_the_list(
    world: World, running: Running
) -> None:
    nowhere = Egress()
    entrance = world.enter(egress=nowhere, provider=running.settings)
    with pytest.raises(EgressRefused):
        entrance.openid.begin("mine", REDIRECT, "/")
    nowhere.close()
    with pytest.raises(NoProvider):
        world.entrance.openid.begin("mine", REDIRECT, "/")


GOOD = {
    "issuer": "https://login.example",
    "authorization_endpoint": "https://login.example/auth",
    "token_endpoint": "https://login.example/token",
    "jwks_uri": "https://login.example/jwks",
}


class Said(Egress):
    """A server that answers what a test says; only the port is replaced."""

    def __init__(self, document: Any, status: int = 200) -> None:
        super().__init__()
        self.content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.status = status

    def request(self, method: str, url: str, **more: Any) -> Answer:
        return Answer(self.status, {}, self.content)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({**GOOD, "issuer": "https://evil.example"}, 200),
        ({**GOOD, "authorization_endpoint": "http://login.example/auth"}, 200),
        ({**GOOD, "authorization_endpoint": "javascript:alert(1)"}, 200),
        ({**GOOD, "token_endpoint": None}, 200),
        ({**GOOD, "jwks_uri": 7}, 200),
        ({**GOOD, "end_session_endpoint": "ftp://login.example/out"}, 200),
        ({}, 200),
        ([], 200),
        (b"<html>", 200),
        (b"\xff", 200),
        (GOOD, 500),
        (GOOD, 302),
    ],
)
def test_a_provider_that_describes_itself_badly_is_not_used(
    world: World, document: Any, status: int
) -> None:
    settings = ProviderSettings("https://login.example", "countersign")
    egress = Said(document, status)
    entrance = world.enter(egress=egress, provider=settings)
    with pytest.raises(ProviderBroken):
        entrance.openid.begin("mine", REDIRECT, "/")
    egress.close()


def test_the_secret_of_the_house_is_shown_nowhere(running: Running) -> None:
    assert running.settings.secret not in repr(running.settings)
