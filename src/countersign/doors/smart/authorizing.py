"""Judges an app's authorization request before its person is asked anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from countersign.ground.identity import (
    App,
    AppKind,
    AppRegistry,
    NoSuchApp,
    Scopes,
    read_scopes,
)

from .errors import (
    BadRedirect,
    MustAsk,
    NoScope,
    NotForThisApp,
    OAuthError,
    UnsupportedResponse,
)

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
STATE = re.compile(r"[\x20-\x7e]{1,1000}")
NONCE = re.compile(r"[\x20-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The app and the registered address at which it is answered: what must be known before
    anything may be sent anywhere. ``state`` goes back as it came; ``issuer`` tells the app who
    answers (RFC 9207).
    """

    app: App
    redirect_uri: str
    state: str
    issuer: str

    def answer(self, **said: str) -> str:
        """The address that takes the answer to the app."""
        given = {**said, "state": self.state, "iss": self.issuer}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{query}"

    def refusal(self, error: str, description: str) -> str:
        """The address that tells the app what was wrong."""
        plain = description.replace('"', "'").encode("ascii", "replace").decode()
        return self.answer(error=error, error_description=plain)


@dataclass(frozen=True, slots=True)
class Request:
    """A sound request. ``launch`` is the handle of a launch from the chart."""

    scopes: Scopes
    challenge: str
    nonce: str | None
    launch: str | None

    @property
    def wants_patient(self) -> bool:
        """Whether a patient must be known before the app gets anything."""
        named = "launch/patient" in self.scopes.context
        return bool(self.scopes.of("patient")) or named or self.launch is not None


def single(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters that came once; one that is repeated is left out, and so is missing."""
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


def caller(given: Mapping[str, str], registry: AppRegistry, issuer: str) -> Caller:
    """Who asks. Raises NoSuchApp and BadRedirect, which only the person is told."""
    app = registry.find(given.get("client_id", ""))
    if app.kind is AppKind.BACKEND:
        raise NoSuchApp
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in app.redirect_uris:
        raise BadRedirect
    state = given.get("state", "")
    return Caller(app, redirect_uri, state if STATE.fullmatch(state) else "", issuer)


def request(given: Mapping[str, str], asks: Caller) -> Request:
    """What is asked, narrowed to what the app is registered for. Raises OAuthError, BadScope;
    the app is told.
    """
    if given.get("response_type") != "code":
        raise UnsupportedResponse
    if not asks.state:
        raise OAuthError(reason="state is missing or too long")
    if given.get("aud") not in (asks.issuer, f"{asks.issuer}/"):
        raise OAuthError(reason="aud must be the FHIR address of this server")
    challenge = given.get("code_challenge", "")
    if given.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
        raise OAuthError(reason="PKCE with S256 is required")
    nonce = given.get("nonce")
    if nonce is not None and not NONCE.fullmatch(nonce):
        raise OAuthError(reason="nonce is too long or not printable")
    if "none" in given.get("prompt", "").split():
        raise MustAsk
    scopes, launch = _scopes(given.get("scope", ""), asks.app), given.get("launch")
    if launch is not None and "launch" not in scopes.context:
        raise NotForThisApp
    if launch is None:
        scopes = Scopes(scopes.rights, scopes.context - {"launch"})
    return Request(scopes, challenge, nonce, launch)


def _scopes(text: str, app: App) -> Scopes:
    """Reading and searching of what is registered; a person's app never changes anything."""
    asked = read_scopes(text)
    if asked.of("system"):
        raise NoScope
    granted = asked.within(app.scopes).only("rs")
    if "openid" not in granted.context:
        granted = Scopes(granted.rights, granted.context - {"fhirUser", "profile"})
    if not granted.rights and not granted.context & {"openid", "launch", "launch/patient"}:
        raise NoScope
    return granted
