"""Ways in which somebody might get more than was allowed, each of which fails."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest

from building import PATIENT
from doors.smart.stage import REDIRECT, Person, Served, redeem, request

SCOPE = "user/*.rs offline_access"


def refused(served: Served, person: Person, name: str = "app", **changes: str | None) -> str:
    """The error that an app is sent for a changed authorization request."""
    answer = person.ask(**{**request(served, served.apps[name]), **changes})
    place = answer.headers.get("location", "")
    assert answer.status_code == 303 and place.startswith(REDIRECT + "&error="), answer.text
    assert "code=" not in place.replace("error_", "")
    return place.partition("error=")[2].partition("&")[0]


def works(served: Served, token: str) -> bool:
    served.building.floor.apps.tokens.forget()
    with served.fhir(token) as app:
        status = app.get("Observation/o1").status_code
    assert status in (200, 401)
    return status == 200


def refresh(served: Served, app: str, token: str, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": app, "refresh_token": token, **more}
    return served.post("token", **form)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:9/app/?tab=1#x",
        "http://127.0.0.1:9/app/?tab=2",
        "http://127.0.0.1:9/app",
        "http://127.0.0.1:9/app/../?tab=1",
        "HTTP://127.0.0.1:9/app/?tab=1",
        "http://127.0.0.1:9@evil.example/?tab=1",
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    served: Served, wang: Person, uri: str | None
) -> None:
    answer = wang.ask(**{**request(served, served.apps["app"]), "redirect_uri": uri})
    assert answer.status_code == 400 and "location" not in answer.headers
    assert "smart.bad_redirect" in answer.text
    assert uri is None or not uri or f'href="{uri}' not in answer.text


def test_a_parameter_that_comes_twice_counts_as_none(served: Served, wang: Person) -> None:
    pairs: list[tuple[str, Any]] = [*request(served, served.apps["app"]).items()]
    for name in ("redirect_uri", "client_id"):
        answer = wang.window.get("/smart/authorize", params=[*pairs, (name, "https://evil.test/")])
        assert answer.status_code in (400, 404) and "location" not in answer.headers
    answer = wang.window.get("/smart/authorize", params=[*pairs, ("state", "another")])
    assert "error=invalid_request" in answer.headers["location"]
    assert "state=" not in answer.headers["location"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"state": "x" * 1001}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"prompt": "none"}, "interaction_required"),
        ({"launch": "made-up", "scope": "launch patient/*.rs"}, "invalid_request"),
        ({"launch": "made-up", "scope": "patient/*.rs"}, "unauthorized_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": "patient/*.rs system/*.rs"}, "invalid_scope"),
        ({"scope": "patient/Observation.rs?category=laboratory"}, "invalid_scope"),
        ({"scope": "patient/Observation.sr"}, "invalid_scope"),
        ({"scope": "patient/*.cud"}, "invalid_scope"),
        ({"scope": "profile nonsense"}, "invalid_scope"),
    ],
)
def test_an_unsound_request_is_refused(
    served: Served, wang: Person, changes: dict[str, str | None], error: str
) -> None:
    assert refused(served, wang, **changes) == error


def test_an_app_never_gets_more_than_it_was_registered_for(served: Served, wang: Person) -> None:
    narrow = served.apps["narrow"]
    assert refused(served, wang, "narrow", scope="user/*.rs") == "invalid_scope"
    tokens = wang.tokens(narrow, PATIENT, scope="patient/*.rs user/*.rs openid offline_access")
    assert tokens["scope"] == "patient/Observation.rs"
    assert "id_token" not in tokens and "refresh_token" not in tokens
    with served.fhir(tokens["access_token"]) as app:
        assert app.get("Observation/o1").status_code == 200
        assert app.get(f"Patient/{PATIENT}").status_code == 403


def test_a_code_holds_once_and_its_reuse_ends_what_came_of_it(served: Served, wang: Person) -> None:
    app = served.apps["app"]
    code, verifier = wang.code(app, scope=SCOPE)
    tokens = redeem(served, app, code, verifier).json()
    assert works(served, tokens["access_token"])
    again = redeem(served, app, code, verifier)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not works(served, tokens["access_token"])
    assert refresh(served, app, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    events = served.building.events(f"app:{app}", kinds=("app-access",))
    assert "code reused" in [event.detail.get("reason") for event in events]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://127.0.0.1:9/app/"},
        {"redirect_uri": None},
        {"client_id": "other"},
    ],
)
def test_a_code_is_bound_to_its_app_its_address_and_its_verifier(
    served: Served, wang: Person, changes: dict[str, str | None]
) -> None:
    app = served.apps["app"]
    code, verifier = wang.code(app, scope=SCOPE)
    if "client_id" in changes:
        changes = {"client_id": served.apps["other"]}
    assert redeem(served, app, code, verifier, **changes).json()["error"] == "invalid_grant"
    # and whoever tried has spoilt it
    assert redeem(served, app, code, verifier).json()["error"] == "invalid_grant"


def test_without_a_verifier_there_is_no_token(served: Served, wang: Person) -> None:
    code, _ = wang.code(served.apps["app"], scope=SCOPE)
    for verifier in (None, "", "short", "v" * 129):
        answer = redeem(served, served.apps["app"], code, "", code_verifier=verifier)
        assert answer.json()["error"] == "invalid_request"


def test_an_app_with_a_key_must_use_it(served: Served, wang: Person) -> None:
    server = served.apps["server"]
    code, verifier = wang.code(server, scope=SCOPE)
    assert redeem(served, server, code, verifier).json()["error"] == "invalid_client"
    answer = redeem(served, server, code, verifier, client_secret="guessed")
    assert answer.json()["error"] == "invalid_client"
    assert redeem(served, "no-such-app", code, verifier).status_code == 401


def test_a_refresh_token_that_comes_twice_ends_the_family(served: Served, wang: Person) -> None:
    app = served.apps["app"]
    first = wang.tokens(app, scope=SCOPE)
    second = refresh(served, app, first["refresh_token"]).json()
    assert works(served, first["access_token"]) and works(served, second["access_token"])
    stolen = refresh(served, app, first["refresh_token"])
    assert stolen.json()["error"] == "invalid_grant"
    assert not works(served, first["access_token"]) and not works(served, second["access_token"])
    assert refresh(served, app, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_bound_to_its_app_and_never_widens(served: Served, wang: Person) -> None:
    app = served.apps["app"]
    tokens = wang.tokens(app, scope="user/Observation.rs offline_access")
    wider = refresh(served, app, tokens["refresh_token"], scope="user/*.rs")
    assert wider.json()["error"] == "invalid_scope"
    fewer = refresh(served, app, tokens["refresh_token"], scope="user/Observation.r").json()
    assert fewer["scope"] == "user/Observation.r"
    foreign = refresh(served, served.apps["other"], fewer["refresh_token"])
    assert foreign.json()["error"] == "invalid_grant"
    assert not works(served, fewer["access_token"])


def test_an_app_without_a_key_need_not_name_itself_and_one_with_a_key_must_sign(
    served: Served, wang: Person
) -> None:
    tokens = wang.tokens(served.apps["app"], scope=SCOPE)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert served.post("token", **form).status_code == 200
    assert served.post("token", **form).json()["error"] == "invalid_grant"
    unknown = served.post("token", grant_type="refresh_token", refresh_token="x")
    assert unknown.json()["error"] == "invalid_grant"


def test_a_refresh_token_is_no_access_token(served: Served, wang: Person) -> None:
    tokens = wang.tokens(served.apps["app"], scope=SCOPE)
    assert not works(served, tokens["refresh_token"])
    assert not works(served, secrets.token_urlsafe(32))


def test_consent_is_given_by_its_own_person_on_its_own_page(served: Served, wang: Person) -> None:
    page = wang.ask(**{**request(served, served.apps["app"]), "scope": SCOPE})
    path = page.url.path
    # another site, without the token of the page
    for data in ({"answer": "allow"}, {"csrf": "x" * 64, "answer": "allow"}):
        answer = wang.window.post(path, data=data)
        assert answer.status_code == 403 and "shell.forged_request" in answer.text
    foreign = {"origin": "https://evil.example"}
    form = {"csrf": wang.csrf(page.text), "answer": "allow"}
    assert wang.window.post(path, data=form, headers=foreign).status_code == 403
    # another person with the link, and the same person in another session
    for name in ("zhao", "wang"):
        other = Person(served, name)
        assert other.window.get(path).status_code == 410
        said = {"csrf": other.csrf(other.window.get("/me").text), "answer": "allow"}
        assert other.window.post(path, data=said).status_code == 410
    # and once only
    assert wang.answer(page)["code"]
    assert wang.window.post(path, data=form).status_code == 410


def test_a_patient_must_be_chosen_before_anything_is_allowed(served: Served, wang: Person) -> None:
    page = wang.ask(**request(served, served.apps["app"]))
    handle = page.url.path.rpartition("/")[2]
    form = {"csrf": wang.csrf(page.text), "answer": "allow"}
    assert wang.window.post(f"/smart/consent/{handle}", data=form).status_code == 410
    # and stays the one that was chosen
    page = wang.ask(**request(served, served.apps["app"]))
    handle, csrf = page.url.path.rpartition("/")[2], wang.csrf(page.text)
    wang.choose(page, PATIENT)
    again = {"csrf": csrf, "patient": PATIENT}
    assert wang.window.post(f"/smart/patient/{handle}", data=again).status_code == 410


def test_no_other_site_opens_an_app(served: Served, wang: Person) -> None:
    given = {"app": served.apps["app"], "patient": PATIENT}
    headers = {"sec-fetch-site": "cross-site"}
    answer = wang.window.get("/smart/launch", params=given, headers=headers)
    assert answer.status_code == 403 and "location" not in answer.headers


def test_a_revoked_app_is_no_app(served: Served, wang: Person) -> None:
    app = served.register("Soon gone", "public", SCOPE, redirect_uris=REDIRECT)
    tokens = wang.tokens(app, scope=SCOPE)
    assert works(served, tokens["access_token"])
    registry = served.building.floor.apps.registry
    registry.revoke(app, by=served.building.who("admin"))
    assert not works(served, tokens["access_token"])
    assert refresh(served, app, tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert wang.ask(**request(served, app)).status_code == 404


def test_tokens_are_asked_about_and_ended_by_their_own_app(served: Served, wang: Person) -> None:
    app, other = served.apps["app"], served.apps["other"]
    mine = wang.tokens(app, scope="user/*.rs openid fhirUser offline_access")
    foreign = wang.tokens(other, scope=SCOPE)

    def ask(token: str, by: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {by}"}
        url = f"{served.root}/oauth/introspect"
        return httpx.post(url, data={"token": token}, headers=headers).json()

    known = ask(mine["access_token"], mine["access_token"])
    assert known["active"] and known["client_id"] == app
    assert known["fhirUser"].endswith(f"Practitioner/{served.building.people['wang']}")
    assert ask(mine["access_token"], foreign["access_token"]) == {"active": False}
    assert ask("nothing", mine["access_token"]) == {"active": False}
    assert ask(mine["access_token"], "nothing")["error"] == "invalid_client"
    assert served.post("introspect", token=mine["access_token"], client_id=app).status_code == 401
    served.post("revoke", token=mine["refresh_token"], client_id=other)
    assert works(served, mine["access_token"])
    assert served.post("revoke", token=mine["refresh_token"], client_id=app).status_code == 200
    assert not works(served, mine["access_token"])


def test_no_token_and_no_code_stands_in_any_table(served: Served, wang: Person) -> None:
    app = served.apps["app"]
    code, verifier = wang.code(app, scope=SCOPE)
    tokens = redeem(served, app, code, verifier).json()
    texts = "".join(
        str(row)
        for table in ("app_grant", "app_token", "app_request", "app_launch")
        for row in served.building.rows(f"select * from identity.{table}")
    )
    events = b"".join(event.body for event in served.building.events())
    for secret in (code, tokens["access_token"], tokens["refresh_token"], verifier):
        assert secret not in texts and secret.encode() not in events


def test_only_registered_pages_may_call_from_a_browser(served: Served) -> None:
    for path in ("fhir/metadata", "fhir/.well-known/smart-configuration", "oauth/jwks"):
        for origin, allowed in (("http://127.0.0.1:9", True), ("https://evil.example", False)):
            said = httpx.get(f"{served.root}/{path}", headers={"origin": origin}).headers
            assert (said.get("access-control-allow-origin") == origin) == allowed
            assert "access-control-allow-credentials" not in said
