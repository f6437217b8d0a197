"""A workstation opens our pages for its patient: SMART App Launch, with us as the app."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Any, Final, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, CdsClient, NoSuchCdsClient, Principal
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, decode, encode

from . import matching, sent
from .errors import LaunchFailed, NotLaunchedHere
from .matching import Matched

CLIENT: Final = "countersign"
"""How the hospital's authorization server knows us: a public client that proves itself by PKCE."""

SCOPE: Final = "launch patient/Patient.rs"
"""Enough to find out who the patient is; what is shown then stands in our own chart."""

COOKIE, MINUTES = "workstation-launch", 10
LARGEST, SECONDS = 256 * 1024, 5.0
DRAFT = re.compile(r"[0-9a-f-]{36}")
Opener = Annotated[Principal, guarded(Action.APP_LAUNCH)]
Text = Annotated[str, Query(max_length=4000)]


def add_launching(router: APIRouter, floor: Floor) -> None:
    """``/workstations/launch`` and ``/workstations/launched``."""
    desk = _Desk(floor)
    router.add_api_route("/launch", desk.launch, methods=["GET"])
    router.add_api_route("/launched", desk.launched, methods=["GET"])


class _Desk:
    """The person is signed in here as ever: a launch names the patient, never who she is."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def launch(self, request: Request, principal: Opener, iss: Text, launch: Text) -> Response:
        """Goes to the authorization server of a registered workstation, with PKCE."""
        client = self._client(iss)
        authorize, _ = self._endpoints(client)
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self._back(request),
            "scope": SCOPE,
            "state": state,
            "aud": iss,
            "launch": launch,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in authorize else "?"
        answer = RedirectResponse(f"{authorize}{joint}{urlencode(asked)}", 303)
        kept = urlsafe_b64encode(encode({"iss": iss, "state": state, "verifier": verifier}))
        answer.set_cookie(
            COOKIE,
            kept.decode(),
            max_age=60 * MINUTES,
            path="/workstations",
            secure=self._floor.site.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def launched(
        self, request: Request, principal: Opener, code: Text = "", state: Text = ""
    ) -> Response:
        """Finds the patient here and opens the chart, or the draft that the card was about."""
        kept = _kept(request.cookies.get(COOKIE, ""))
        if not code or not state or not secrets.compare_digest(kept["state"], state):
            raise LaunchFailed
        client = self._client(kept["iss"])
        said = self._token(client, code, kept["verifier"], self._back(request))
        patient, token = said.get("patient"), said.get("access_token")
        if not isinstance(patient, str) or not isinstance(token, str):
            raise LaunchFailed
        matched = self._match(client, patient, token)
        draft = said.get("appContext")
        about = isinstance(draft, str) and DRAFT.fullmatch(draft)
        answer = RedirectResponse(f"/inbox/{draft}" if about else f"/charts/{matched.id}", 303)
        answer.delete_cookie(COOKIE, path="/workstations")
        return answer

    def _client(self, iss: str) -> CdsClient:
        try:
            client = self._floor.cds.clients.serving(iss)
        except NoSuchCdsClient:
            raise NotLaunchedHere from None
        if not client.answered:
            raise NotLaunchedHere
        return client

    def _endpoints(self, client: CdsClient) -> tuple[str, str]:
        """Where to ask the person and where to redeem; both of places on the allow-list."""
        said = self._json("GET", f"{client.fhir_server}/.well-known/smart-configuration")
        found = said.get("authorization_endpoint"), said.get("token_endpoint")
        for one in found:
            if not isinstance(one, str) or not self._floor.egress.allows(one):
                raise LaunchFailed
        return cast("tuple[str, str]", found)

    def _token(self, client: CdsClient, code: str, verifier: str, back: str) -> JSON:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": CLIENT,
            "code_verifier": verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        _, token = self._endpoints(client)
        return self._json("POST", token, headers, urlencode(form).encode())

    def _match(self, client: CdsClient, patient: str, token: str) -> Matched:
        address = f"{client.fhir_server}/Patient/{quote(patient, safe='')}"
        theirs = sent.resource(
            self._json("GET", address, {"authorization": f"Bearer {token}"}), "Patient"
        )
        if theirs is None:
            raise LaunchFailed
        matched = matching.match(self._floor.chart, client, theirs, patient)
        if not isinstance(matched, Matched):
            raise NotLaunchedHere
        return matched

    def _json(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> JSON:
        try:
            answer = self._floor.egress.request(
                method,
                url,
                headers={"accept": "application/json", **(headers or {})},
                content=body,
                timeout=SECONDS,
                largest=LARGEST,
            )
            said: Any = decode(answer.content) if answer.status == 200 else None
        except CountersignError:
            said = None
        if not isinstance(said, dict):
            raise LaunchFailed
        return cast("JSON", said)

    def _back(self, request: Request) -> str:
        root = self._floor.site.address or f"{request.url.scheme}://{request.url.netloc}"
        return f"{root}/workstations/launched"


def _kept(cookie: str) -> dict[str, str]:
    """What this browser set out with. Raises LaunchFailed."""
    try:
        said: Any = decode(urlsafe_b64decode(cookie[:4000].encode()))
    except (ValueError, CountersignError):
        said = None
    names = ("iss", "state", "verifier")
    found = cast("JSON", said) if isinstance(said, dict) else {}
    if any(not isinstance(found.get(name), str) for name in names):
        raise LaunchFailed
    return {name: str(found[name]) for name in names}
