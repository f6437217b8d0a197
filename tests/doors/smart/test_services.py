"""Backend services that sign assertions with a JOSE library, and forgeries of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import jwt as pyjwt
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from building import OTHER_PATIENT, PATIENT
from countersign.doors.smart.assertions import TYPE
from countersign.doors.smart.keysets import KeySets
from countersign.ground.egress import Egress, places
from countersign.kit.clock import utc_now
from countersign.kit.errors import CountersignError
from countersign.kit.ids import new_id
from doors.smart.stage import EC, PUBLIC, RSA, Person, Served, redeem


def claims(served: Served, **changes: Any) -> dict[str, Any]:
    service = served.apps["service"]
    given = {
        "iss": service,
        "sub": service,
        "aud": f"{served.root}/oauth/token",
        "exp": int(time.time()) + 120,
        "jti": new_id(),
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(said: dict[str, Any], key: Any = EC, alg: str = "ES384", **header: Any) -> str:
    """A JWT made by PyJWT, which is none of the house's own libraries."""
    if not isinstance(key, str):
        header = {"kid": key.kid, **header}
        key = key.as_pem(private=True).decode() if alg != "none" else None
    return pyjwt.encode(said, key, algorithm=alg, headers=header)


def ask(served: Served, assertion: str, **more: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
        "scope": "system/*.rs",
        **more,
    }
    return served.post("token", **form)


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")])
def test_a_service_signs_and_reads_its_departments(served: Served, key: Any, alg: str) -> None:
    done = ask(served, signed(claims(served), key, alg))
    assert done.status_code == 200, done.text
    said = done.json()
    assert said["expires_in"] <= 300 and said["scope"] == "system/*.rs"
    assert not {"refresh_token", "patient", "id_token"} & set(said)
    with served.fhir(said["access_token"]) as client:
        assert client.get(f"Patient/{PATIENT}").status_code == 200
        assert client.get(f"Patient/{OTHER_PATIENT}").status_code == 403
        assert client.get("Observation").json()["total"] >= 1
        headers = {"content-type": "application/fhir+json"}
        body = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
        assert client.post("Observation", json=body, headers=headers).status_code == 403
    event = served.building.events(f"app:{served.apps['service']}")[-1]
    assert event.actor == f"client:{served.apps['service']}"


def test_a_service_creates_where_its_scope_says_so(served: Served) -> None:
    scope = "system/Observation.crs"
    token = ask(served, signed(claims(served)), scope=scope).json()["access_token"]
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Weight"},
        "subject": {"reference": f"Patient/{PATIENT}"},
    }
    headers = {"content-type": "application/fhir+json"}
    with served.fhir(token) as client:
        made = client.post("Observation", json=body, headers=headers)
        assert made.status_code == 201, made.text
        where = f"Observation/{made.json()['id']}"
        changed = {**made.json(), "status": "amended"}
        assert client.put(where, json=changed, headers=headers).status_code == 403
        assert client.delete(where).status_code == 403
        entry = {"request": {"method": "DELETE", "url": where}}
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
        assert client.post("", json=bundle, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"sub": None},
        {"iss": None},
        {"aud": "https://other.example/oauth/token"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 3600},
        {"exp": 10**40},
        {"exp": True},
        {"exp": "soon"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 7},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
    ],
)
def test_an_assertion_with_wrong_claims_is_refused(served: Served, changes: Any) -> None:
    header = {"alg": "ES384", "kid": "ec"}
    raw = pyjwt.PyJWS().encode(
        json.dumps(claims(served, **changes)).encode(),
        EC.as_pem(private=True).decode(),
        "ES384",
        header,
    )
    answer = ask(served, raw)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def test_a_forged_assertion_is_refused_and_recorded(served: Served) -> None:
    said = claims(served)
    public = RSA.as_pem(private=False).decode()
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})
    good = signed(said).split(".")
    bare = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    embedded = {"kid": "mine", "jwk": stranger.as_dict(private=False)}
    weak = RSAKey.generate_key(2048, {"kid": "rsa"})
    forged = {
        "another key": signed(said, stranger),
        "key in the header": signed(said, stranger, **embedded),
        "alg none": signed(said, EC, "none"),
        "none without signature": f"{bare}.{good[1]}.",
        "signature cut off": ".".join([*good[:2], ""]),
        "another alg": signed(said, RSA, "RS256"),
        "another alg of the curve": signed(said, weak, "PS384"),
        "public key as a secret": _hmac(said, public),
        "another kid": signed(said, EC, kid="nobody"),
        "key of another kind": signed(said, RSA, "RS384", kid="ec"),
        "no JWT": "assertion",
        "four parts": f"{'.'.join(good)}.x",
        "too long": "x" * 20_000,
        "claims changed": f"{good[0]}.{_part({**said, 'exp': said['exp'] + 1})}.{good[2]}",
    }
    for name, assertion in forged.items():
        answer = ask(served, assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
    reasons: set[object] = set()
    for _ in range(100):  # the ledger writes refusals soon, not at once
        events = served.building.events(f"app:{served.apps['service']}", kinds=("app-access",))
        reasons = {one.detail.get("reason") for one in events}
        if "the signature does not verify" in reasons:
            break
        time.sleep(0.05)
    assert "the signature does not verify" in reasons
    assert ask(served, signed(said)).status_code == 200  # no forgery has used up the jti


def test_an_assertion_holds_once(served: Served) -> None:
    assertion = signed(claims(served))
    first = ask(served, assertion)
    assert first.status_code == 200, first.text
    again = ask(served, assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_a_service_gets_no_more_than_its_scopes(served: Served) -> None:
    for scope in ("patient/*.rs", "user/*.rs", "system/Observation.ud", "openid", ""):
        assert ask(served, signed(claims(served)), scope=scope).json()["error"] == "invalid_scope"
    given = ask(served, signed(claims(served)), scope="system/*.cruds openid").json()
    assert given["scope"] == "system/*.rs system/Observation.c"
    named = ask(served, signed(claims(served)), client_id=served.apps["app"])
    assert named.json()["error"] == "invalid_client"
    other = ask(served, signed(claims(served)), grant_type="authorization_code")
    assert other.json()["error"] == "unauthorized_client"
    kind = ask(served, signed(claims(served)), client_assertion_type="jwt")
    assert kind.json()["error"] == "invalid_client"


def test_an_app_with_a_key_redeems_its_code_and_may_not_be_a_service(
    served: Served, wang: Person
) -> None:
    server = served.apps["server"]
    code, verifier = wang.code(server, scope="user/*.rs")

    def proof() -> dict[str, str]:
        said = claims(served, iss=server, sub=server)
        return {"client_assertion_type": TYPE, "client_assertion": signed(said)}

    assert redeem(served, server, code, verifier, **proof()).status_code == 200
    answer = served.post("token", grant_type="client_credentials", scope="user/*.rs", **proof())
    assert answer.json()["error"] == "unauthorized_client"


def test_a_service_with_the_right_may_ask_about_any_token(served: Served, wang: Person) -> None:
    token = wang.tokens(served.apps["app"], scope="user/*.rs")["access_token"]
    proof = {"client_assertion_type": TYPE, "client_assertion": signed(claims(served))}
    known = served.post("introspect", token=token, **proof).json()
    assert known["active"] and known["sub"] == served.building.people["wang"]


@contextmanager
def publishing(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server of the intranet that publishes keys; its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_from_the_intranet_only(served: Served) -> None:
    with publishing(json.dumps(PUBLIC).encode()) as (url, asked):
        more = {"departments": ["cardiology"], "jwks_url": url}
        name = served.register("By address", "backend", "system/*.rs", **more)
        said = claims(served, iss=name, sub=name)
        assert ask(served, signed(said)).json()["error"] == "invalid_client"
        assert asked == []  # the place is not on the list
        app = served.building.floor.apps.registry.find(name)
        egress = Egress(places(["127.0.0.1"]))
        keys = KeySets(egress, utc_now)
        assert {one.kid for one in keys.of(app, "ec").keys} == {"rsa", "ec"}
        assert keys.of(app, "rsa").keys and asked == ["/jwks"]
        keys.of(app, "unknown")
        assert asked == ["/jwks"]  # an unknown key does not make it be asked all the time
        egress.close()


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "{}",
        '{"keys":[]}',
        '{"keys":{}}',
        "[]",
        json.dumps({"keys": [RSA.as_dict(private=True)]}),
        json.dumps({"keys": [OctKey.generate_key(256).as_dict(private=True)]}),
        json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}),
        json.dumps({"keys": [{**EC.as_dict(private=False), "use": "enc"}]}),
        json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}),
    ],
    ids=[
        "nothing",
        "no keys",
        "an empty list",
        "not a list",
        "a list alone",
        "private",
        "secret",
        "of P-256",
        "for encryption",
        "weak",
    ],
)
def test_private_secret_and_weak_keys_are_not_registered(served: Served, keys: str) -> None:
    with pytest.raises(CountersignError):
        served.register("Bad", "backend", "system/*.rs", departments=["cardiology"], jwks=keys)


def _hmac(said: dict[str, Any], secret: str) -> str:
    """HS384 with the public key as the secret, which PyJWT itself refuses to make."""
    start = f"{_part({'alg': 'HS384', 'kid': 'rsa'})}.{_part(said)}"
    mac = hmac.digest(secret.encode(), start.encode(), hashlib.sha384)
    return f"{start}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


def _part(said: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
