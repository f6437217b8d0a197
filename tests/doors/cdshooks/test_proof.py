"""Who may call: tokens of registered systems, once each, for this very address."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest

from building import INSTALLER, SECRET
from countersign.ground.ledger import EventKind
from doors.cdshooks.stage import FOREIGN_KEY, Workstation, call

PATH = "/cds-services/countersign-patient-view"


def test_without_a_token_nothing_is_answered(ward: Workstation) -> None:
    answer = ward.http.post(PATH, json=call())
    assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert ward.http.post(f"{PATH}/feedback", json={"feedback": []}).status_code == 401


def test_a_token_holds_once(ward: Workstation) -> None:
    token = ward.token(PATH)
    assert ward.post(PATH, call(), token).status_code == 200
    again = ward.post(PATH, call(), token)
    assert again.status_code == 401 and "used before" in again.text


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "http://127.0.0.1/cds-services/countersign-order-sign"}, "aud"),
        ({"aud": "http://127.0.0.1/cds-services"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": NOW - 3600}, "exp"),
        ({"exp": NOW + 7200}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": NOW + 7200}, "iat"),
        ({"nbf": NOW + 7200}, "nbf"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": "x" * 300}, "jti"),
        ({"iss": "https://elsewhere"}, "iss"),
        ({"iss": None}, "iss"),
    ],
)
def test_a_token_that_does_not_fit_is_refused(
    ward: Workstation, changes: dict[str, Any], reason: str
) -> None:
    answer = ward.post(PATH, call(), ward.token(PATH, **changes))
    assert answer.status_code == 401 and reason in answer.json()["error"]["message"]


def test_a_list_of_audiences_is_as_good(ward: Workstation) -> None:
    token = ward.token(PATH, aud=["https://other", f"http://127.0.0.1{PATH}"])
    assert ward.post(PATH, call(), token).status_code == 200


def test_another_key_no_key_and_no_algorithm_are_refused_and_recorded(ward: Workstation) -> None:
    thief = replace(ward, key=FOREIGN_KEY)
    assert ward.post(PATH, call(), thief.token(PATH)).status_code == 401
    head, claims, _ = ward.token(PATH).split(".")
    none = urlsafe_b64encode(b'{"alg":"none","kid":"ward"}').decode().rstrip("=")
    for token in (f"{none}.{claims}.", f"{head}.{claims}.AAAA", "x", "a.b.c", "." * 20_000):
        assert ward.post(PATH, call(), token).status_code == 401
    ward.building.ledger.checkpoint()
    subject = f"cds-client:{ward.id}"
    refused = ward.building.events(subject, kinds=(EventKind.CDS_CLIENT_REFUSED,))
    assert "the signature does not verify" in {event.detail["reason"] for event in refused}


def test_keys_elsewhere_than_registered_are_not_fetched(ward: Workstation) -> None:
    from joserfc import jwt

    from doors.cdshooks.stage import KEY

    claims = {"iss": ward.issuer, "aud": f"http://127.0.0.1{PATH}", "jti": "jku", "iat": NOW}
    header = {"alg": "ES384", "kid": "ward", "jku": "https://evil.example/jwks"}
    token = jwt.encode(header, {**claims, "exp": int(time.time()) + 60}, KEY, ["ES384"])
    answer = ward.post(PATH, call(), token)
    assert answer.status_code == 401 and "jku" in answer.text


def test_a_switched_off_or_revoked_system_hears_nothing(ward: Workstation) -> None:
    clients = ward.building.floor.cds.clients
    ward.building.drafted()
    clients.switch(ward.id, answered=False, identifies=False, by=INSTALLER)
    try:
        answer = ward.view()
        assert answer.status_code == 403 and SECRET not in answer.text
    finally:
        clients.switch(ward.id, answered=True, identifies=False, by=INSTALLER)
    assert ward.view().status_code == 200


def test_only_administrators_register_and_see_systems(ward: Workstation) -> None:
    from countersign.ground.identity import Forbidden, NewCdsClient

    clients = ward.building.floor.cds.clients
    new = NewCdsClient("Thief", "urn:thief", frozenset({"cardiology"}), jwks_url="https://t/j")
    for name in ("wang", "auditor", "officer", "nurse"):
        with pytest.raises(Forbidden):
            clients.add(new, by=ward.building.who(name))
        with pytest.raises(Forbidden):
            clients.all(by=ward.building.who(name))
        with pytest.raises(Forbidden):
            ward.building.floor.signoff.cards.counted(
                ward.building.who(name), ward.building.floor.clock().date()
            )


def test_a_cds_token_opens_no_other_door(ward: Workstation) -> None:
    headers = {"authorization": f"Bearer {ward.token(PATH)}"}
    assert ward.http.get("/fhir/Patient", headers=headers).status_code in (401, 404)
    assert ward.http.get("/charts/p1", headers=headers).status_code in (401, 403)
