"""What a person and an app may rely on: standalone and from the chart, and what tokens show."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from building import OTHER_PATIENT, PATIENT
from doors.smart.stage import Person, Served, redeem, request


def test_what_is_offered_is_said(served: Served) -> None:
    said = httpx.get(f"{served.base}/.well-known/smart-configuration").json()
    assert said["authorization_endpoint"] == f"{served.root}/smart/authorize"
    assert said["token_endpoint"] == f"{served.root}/oauth/token"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert {"launch-ehr", "launch-standalone", "permission-v2"} <= set(said["capabilities"])
    openid = httpx.get(f"{served.base}/.well-known/openid-configuration").json()
    assert openid["issuer"] == served.base
    security = httpx.get(f"{served.base}/metadata").json()["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    uris = {one["url"]: one["valueUri"] for one in security["extension"][0]["extension"]}
    assert uris["token"] == said["token_endpoint"]


def test_an_app_by_itself_reads_the_patient_whom_the_person_chose(
    served: Served, wang: Person
) -> None:
    page = wang.ask(**request(served, served.apps["app"]))
    assert page.url.path.startswith("/smart/patient/")
    assert f'value="{PATIENT}"' in page.text and f'value="{OTHER_PATIENT}"' not in page.text
    page = wang.choose(page, PATIENT)
    for shown in ("Growth chart", "王小明", "patient/*.rs", "90 days", "http://127.0.0.1:9"):
        assert shown in page.text
    said = wang.answer(page)
    assert said["state"] == "state & more" and said["iss"] == served.base
    done = redeem(served, served.apps["app"], said["code"], "v" * 43)
    tokens = done.json()
    assert done.headers["cache-control"] == "no-store"
    assert tokens["patient"] == PATIENT and tokens["token_type"] == "Bearer"
    assert 0 < tokens["expires_in"] <= 3600
    keys = KeySet.import_key_set(httpx.get(f"{served.root}/oauth/jwks").json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    person = served.building.people["wang"]
    assert (claims["iss"], claims["aud"]) == (served.base, served.apps["app"])
    assert (claims["sub"], claims["nonce"]) == (person, "n-1")
    assert claims["fhirUser"] == f"{served.base}/Practitioner/{person}"
    with served.fhir(tokens["access_token"]) as app:
        assert app.get(f"Patient/{PATIENT}").json()["name"][0]["text"] == "王小明"
        assert app.get("Observation/o1").status_code == 200
        assert app.get("Observation").json()["total"] == 1
    viewed = served.building.events("Observation/o1/_history/1")[-1]
    assert viewed.actor == f"person:{person}"
    assert viewed.detail["app"] == served.apps["app"]
    allowed = served.building.events(f"app:{served.apps['app']}")
    kinds = [event.kind for event in allowed if event.actor == f"person:{person}"]
    assert kinds[-2:] == ["app-allowed", "app-access"]


def test_the_chart_opens_an_app_for_its_patient(served: Served, wang: Person) -> None:
    chart = wang.window.get(f"/charts/{PATIENT}").text
    assert "Growth chart" in chart and "Other app" not in chart
    app = served.apps["app"]
    opened = wang.window.get("/smart/launch", params={"app": app, "patient": PATIENT})
    assert opened.headers["location"].startswith("http://127.0.0.1:9/open?")
    said = parse_qs(urlsplit(opened.headers["location"]).query)
    assert said["iss"] == [served.base]
    scope = "launch openid patient/Observation.rs"
    tokens = wang.tokens(app, scope=scope, launch=said["launch"][0])
    assert tokens["patient"] == PATIENT and "refresh_token" not in tokens
    # a launch holds once, for its own app, for its own person
    again = wang.ask(**{**request(served, app), "scope": scope, "launch": said["launch"][0]})
    assert "error=invalid_request" in again.headers["location"]
    for name, person in (("other", wang), ("app", Person(served, "zhao"))):
        opened = wang.window.get("/smart/launch", params={"app": app, "patient": PATIENT})
        launch = parse_qs(urlsplit(opened.headers["location"]).query)["launch"][0]
        asked = {**request(served, served.apps[name]), "scope": scope, "launch": launch}
        assert "error=invalid_request" in person.ask(**asked).headers["location"]


def test_nobody_gives_an_app_a_patient_whom_they_may_not_read(served: Served, wang: Person) -> None:
    page = wang.ask(**request(served, served.apps["app"]))
    assert wang.choose(page, OTHER_PATIENT).status_code == 403
    given = {"app": served.apps["app"], "patient": OTHER_PATIENT}
    assert wang.window.get("/smart/launch", params=given).status_code == 403


def test_patient_scopes_show_one_patient_and_nothing_changes(served: Served) -> None:
    stranger = Person(served, "stranger")
    tokens = stranger.tokens(
        served.apps["app"], OTHER_PATIENT, scope="launch/patient patient/*.cruds"
    )
    assert tokens["scope"] == "launch/patient patient/*.rs"
    with served.fhir(tokens["access_token"]) as app:
        assert app.get(f"Patient/{OTHER_PATIENT}").status_code == 200
        assert app.get(f"Patient/{PATIENT}").status_code == 403
        assert app.get("Observation/o1").status_code == 403
        found = app.get("Observation").json()
        assert [one["resource"]["id"] for one in found["entry"]] == ["o2"]
        assert app.get("Observation", params={"patient": PATIENT}).status_code == 403
        both = app.get("Observation", params={"patient": f"{PATIENT},{OTHER_PATIENT}"}).json()
        assert both["total"] == 1
        assert app.get("Patient").json()["total"] == 1
        said = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
        headers = {"content-type": "application/fhir+json"}
        assert app.post("Observation", json=said, headers=headers).status_code == 403
        assert app.delete("Observation/o2").status_code == 403
        reads = [{"request": {"method": "GET", "url": "Observation/o1"}}]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": reads}
        answered = app.post("", json=bundle, headers=headers).json()
        assert answered["entry"][0]["response"]["status"] == "403"


def test_a_token_never_shows_more_than_its_person(served: Served, wang: Person) -> None:
    tokens = wang.tokens(served.apps["app"], scope="user/*.rs openid")
    with served.fhir(tokens["access_token"]) as app:
        found = app.get("Patient").json()
        assert [one["resource"]["id"] for one in found["entry"]] == [PATIENT]
        assert app.get(f"Patient/{OTHER_PATIENT}").status_code == 403
    denied = served.building.events(kinds=("access-denied",))[-1]
    assert denied.detail["app"] == served.apps["app"]


def test_reading_and_searching_are_told_apart(served: Served, wang: Person) -> None:
    tokens = wang.tokens(served.apps["app"], scope="user/Observation.r user/Patient.s")
    with served.fhir(tokens["access_token"]) as app:
        assert app.get("Observation/o1").status_code == 200
        assert app.get("Observation").status_code == 403
        assert app.get("Patient").status_code == 200
        assert app.get(f"Patient/{PATIENT}").status_code == 403
        assert app.get("Condition").status_code == 403


def test_signing_out_ends_what_was_not_allowed_to_go_on(served: Served) -> None:
    zhao = Person(served, "zhao")
    online = zhao.tokens(served.apps["app"], scope="user/*.rs online_access")
    offline = zhao.tokens(served.apps["app"], scope="user/*.rs offline_access")
    csrf = zhao.csrf(zhao.window.get("/me").text)
    zhao.window.post("/sign-out", data={"csrf": csrf})
    served.building.floor.apps.tokens.forget()  # elsewhere it takes two seconds
    for tokens, status in ((online, 401), (offline, 200)):
        with served.fhir(tokens["access_token"]) as app:
            assert app.get("Observation/o1").status_code == status
    refreshed = served.post(
        "token",
        grant_type="refresh_token",
        client_id=served.apps["app"],
        refresh_token=online["refresh_token"],
    )
    assert refreshed.json()["error"] == "invalid_grant"


def test_a_person_sees_and_ends_what_they_allowed(served: Served) -> None:
    li, app = Person(served, "li"), served.apps["app"]
    tokens = li.tokens(app, PATIENT, scope="launch/patient patient/*.rs offline_access")
    page = li.window.get("/smart/mine").text
    assert "Growth chart" in page and "王小明" in page
    path = page.partition('action="/smart/mine/')[2].partition('"')[0]
    stranger = Person(served, "stranger")
    theirs = {"csrf": stranger.csrf(stranger.window.get("/me").text)}
    assert stranger.window.post(f"/smart/mine/{path}", data=theirs).status_code == 404
    with served.fhir(tokens["access_token"]) as client:
        assert client.get("Observation/o1").status_code == 200
        done = li.window.post(f"/smart/mine/{path}", data={"csrf": li.csrf(page)})
        assert done.status_code == 303
        assert client.get("Observation/o1").status_code == 401
    assert "Growth chart" not in li.window.get("/smart/mine").text


def test_whoever_leaves_takes_their_tokens_along(served: Served, wang: Person) -> None:
    chen = Person(served, "chen")
    tokens = chen.tokens(served.apps["app"], scope="user/*.rs offline_access")
    building = served.building
    building.floor.people.part(building.people["chen"], "cardiology", by=building.who("admin"))
    building.floor.apps.tokens.forget()
    with served.fhir(tokens["access_token"]) as app:
        assert app.get("Observation/o1").status_code == 403


def test_the_person_may_say_no_and_the_signed_out_sign_in_first(
    served: Served, wang: Person
) -> None:
    page = wang.ask(**request(served, served.apps["app"]), prompt="")
    page = wang.choose(page, PATIENT)
    said = wang.answer(page, "refuse")
    assert said["error"] == "access_denied" and "code" not in said
    answer = served.window().get("/smart/authorize", params=request(served, served.apps["app"]))
    assert answer.headers["location"].startswith("/sign-in?next=%2Fsmart%2Fauthorize")
