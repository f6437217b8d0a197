"""The hospital's OpenID provider as it describes itself; everything goes through egress."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

from countersign.ground.egress import Egress
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode

from .errors import ProviderBroken
from .idtoken import Key, keys_of

KEPT = timedelta(hours=1)
"""How long the provider's description and keys are taken as they were read."""

PAUSE = timedelta(seconds=30)
"""How often, at most, an unknown key makes us read the keys again."""

LARGEST = 1024 * 1024
BASIC = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How the hospital registered Countersign with its provider.

    ``issuer`` is the provider's address exactly as its tokens say it; without ``secret`` the
    client is a public one and relies on PKCE alone.
    """

    issuer: str
    client: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Description:
    """The endpoints (OpenID Connect Discovery 1.0, 3). The first is for browsers."""

    authorization: str
    token: str
    keys: str
    end_session: str | None
    in_body: bool


class Provider:
    """Reads and remembers; safe to share among threads, one for each process."""

    def __init__(self, egress: Egress, settings: ProviderSettings, clock: Clock) -> None:
        self.settings = settings
        self._egress = egress
        self._clock = clock
        self._reading = Lock()
        self._description: tuple[datetime, Description] | None = None
        self._keys: tuple[datetime, tuple[Key, ...]] | None = None

    def description(self) -> Description:
        """The provider's own words, at most an hour old. Raises EgressRefused, ProviderBroken."""
        with self._reading:
            now = self._clock()
            if self._description is None or now - self._description[0] > KEPT:
                self._description = (now, self._described())
            return self._description[1]

    def known(self) -> Description | None:
        """The description, however old, if it can be had: signing out waits for no provider."""
        remembered = self._description
        if remembered is not None:
            return remembered[1]
        try:
            return self.description()
        except CountersignError:
            return None

    def keys(self, key_id: str | None) -> tuple[Key, ...]:
        """The keys that sign tokens; read again when a token names one that is not there."""
        address = self.description().keys
        with self._reading:
            now = self._clock()
            if self._keys is not None:
                read_at, keys = self._keys
                lacking = key_id is not None and key_id not in {key.kid for key in keys}
                if now - read_at <= (PAUSE if lacking else KEPT):
                    return keys
            keys = keys_of(self._asked("GET", address))
            self._keys = (now, keys)
            return keys

    def exchange(self, code: str, verifier: str, redirect: str) -> str:
        """The ID token that a code stands for (Core 3.1.3). Raises ProviderBroken."""
        description, settings = self.description(), self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if settings.secret is None:
            form["client_id"] = settings.client
        elif description.in_body:
            form |= {"client_id": settings.client, "client_secret": settings.secret}
        else:
            pair = f"{quote(settings.client, safe='')}:{quote(settings.secret, safe='')}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        answer = self._asked("POST", description.token, headers, urlencode(form).encode())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderBroken(problem="no token")
        return token

    def _described(self) -> Description:
        issuer = self.settings.issuer
        said = self._asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise ProviderBroken(problem="it names another issuer")
        methods: Any = said.get("token_endpoint_auth_methods_supported")
        known = cast("list[Any]", methods) if isinstance(methods, list) else [BASIC]
        ending = said.get("end_session_endpoint")
        return Description(
            authorization=self._address(said.get("authorization_endpoint")),
            token=self._address(said.get("token_endpoint")),
            keys=self._address(said.get("jwks_uri")),
            end_session=self._address(ending) if ending is not None else None,
            in_body=BASIC not in known,
        )

    def _address(self, given: object) -> str:
        """An endpoint, over TLS unless the issuer itself goes without."""
        parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
        allowed = {"https", urlsplit(self.settings.issuer).scheme}
        if parts.scheme not in allowed or not parts.netloc or parts.fragment:
            raise ProviderBroken(problem="an address it gives cannot be used")
        return str(given)

    def _asked(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> dict[str, Any]:
        asked = {"accept": "application/json", **(headers or {})}
        answer = self._egress.request(method, url, headers=asked, content=content, largest=LARGEST)
        if answer.status != 200:
            raise ProviderBroken(problem=f"status {answer.status}")
        try:
            said: Any = decode(answer.content)
        except CountersignError as problem:
            raise ProviderBroken(problem="not JSON") from problem
        if not isinstance(said, dict):
            raise ProviderBroken(problem="not JSON")
        return cast("dict[str, Any]", said)
