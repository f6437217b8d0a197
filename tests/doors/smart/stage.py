"""What the tests of the SMART door speak with: keys, a person at a browser, an app's requests."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc.jwk import ECKey, KeySet, RSAKey

from building import INSTALLER, PASSWORD, Building
from countersign.doors.smart.registration import new_app

REDIRECT = "http://127.0.0.1:9/app/?tab=1"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-384", {"kid": "ec", "use": "sig"})
PUBLIC = KeySet([RSA, EC]).as_dict(private=False)
SCOPE = "openid fhirUser launch/patient offline_access patient/*.rs"
HTML = {"accept": "text/html", "accept-language": "en"}


@dataclass
class Served:
    """A running house; ``root`` is its scheme, host and port."""

    building: Building
    root: str
    apps: dict[str, str] = field(default_factory=dict)
    windows: list[httpx.Client] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.root}/fhir"

    def register(self, name: str, kind: str, scopes: str, **more: Any) -> str:
        new = new_app(name, kind, scopes, **more)
        return self.building.floor.apps.registry.add(new, by=INSTALLER)

    def fhir(self, token: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.base}/", headers=headers, timeout=30)

    def window(self) -> httpx.Client:
        """A browser without scripts in which nobody has signed in."""
        self.windows.append(httpx.Client(base_url=self.root, headers=HTML, timeout=30))
        return self.windows[-1]

    def post(self, path: str, **form: str | None) -> httpx.Response:
        given = {name: value for name, value in form.items() if value is not None}
        return httpx.post(f"{self.root}/oauth/{path}", data=given, timeout=30)


@dataclass
class Person:
    """A person's browser without scripts; answers the pages as a person would."""

    served: Served
    name: str

    def __post_init__(self) -> None:
        self.window = self.served.window()
        csrf = self.csrf(self.window.get("/sign-in").text)
        said = {"csrf": csrf, "username": self.name, "password": PASSWORD}
        assert self.window.post("/sign-in", data=said).status_code == 303

    @staticmethod
    def csrf(html: str) -> str:
        return html.partition('name="csrf" value="')[2].partition('"')[0]

    def ask(self, **changes: str | None) -> httpx.Response:
        """The authorization request, up to the first page or the answer to the app."""
        given = {name: value for name, value in changes.items() if value is not None}
        answer = self.window.get("/smart/authorize", params=given)
        for _ in range(3):
            place = answer.headers.get("location", "")
            if answer.status_code != 303 or not place.startswith("/"):
                break
            answer = self.window.get(place)
        return answer

    def choose(self, page: httpx.Response, patient: str) -> httpx.Response:
        said = {"csrf": self.csrf(page.text), "patient": patient}
        answer = self.window.post(page.url.path, data=said)
        return self.window.get(answer.headers["location"]) if answer.is_redirect else answer

    def answer(self, page: httpx.Response, said: str = "allow") -> dict[str, str]:
        """What the app is told at its address."""
        form = {"csrf": self.csrf(page.text), "answer": said}
        done = self.window.post(page.url.path, data=form)
        assert done.status_code == 200, done.text
        return told(to_of(done.text))

    def code(self, app: str, patient: str | None = None, **changes: Any) -> tuple[str, str]:
        """Allows an app; the code and the verifier of PKCE."""
        verifier = secrets.token_urlsafe(40)
        page = self.ask(**{**request(self.served, app, verifier), **changes})
        if patient is not None:
            page = self.choose(page, patient)
        return self.answer(page)["code"], verifier

    def tokens(self, app: str, patient: str | None = None, **changes: Any) -> dict[str, Any]:
        """Allows an app and exchanges the code."""
        code, verifier = self.code(app, patient, **changes)
        done = redeem(self.served, app, code, verifier)
        assert done.status_code == 200, done.text
        return done.json()


def redeem(served: Served, app: str, code: str, verifier: str, **changes: Any) -> httpx.Response:
    given = {
        "grant_type": "authorization_code",
        "client_id": app,
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": REDIRECT,
        **changes,
    }
    return served.post("token", **given)


def request(served: Served, app: str, verifier: str = "v" * 43) -> dict[str, str]:
    """A sound authorization request."""
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return {
        "response_type": "code",
        "client_id": app,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "state & more",
        "aud": served.base,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "nonce": "n-1",
    }


def to_of(html: str) -> str:
    """Where the page of return leads."""
    found = re.search(r'href="([^"]+)"[^>]*data-return', html)
    assert found, html
    return found[1].replace("&amp;", "&").replace("&#39;", "'")


def told(address: str) -> dict[str, str]:
    """What stands in an answer to the app, which went to the registered address."""
    assert address.startswith(REDIRECT + "&"), address
    return dict(parse_qsl(urlsplit(address).query))
