"""What apps and services call themselves: tokens, introspection, revocation, public keys."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from countersign.ground.identity import (
    App,
    AppKind,
    BadGrant,
    Granted,
    TokenState,
    fhir_user,
    read_scopes,
)
from countersign.ground.shell import Floor, SharedWith, smart_addresses
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .assertions import TYPE, Assertions
from .authorizing import single
from .discovery import issuer_of, root_of
from .errors import (
    NoScope,
    NotForThisApp,
    NotThisClient,
    OAuthError,
    UnsupportedGrant,
    oauth_code,
    oauth_status,
)
from .keysets import KeySets
from .signing import SigningKey

FORM = "application/x-www-form-urlencoded"
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
MOST_BYTES, MOST_FIELDS = 64 * 1024, 40

Form = Mapping[str, str]
Handler = Callable[[Request, Form], Response]


def endpoints(floor: Floor, keys: Path) -> ASGIApp:
    """The application to be mounted at ``/oauth``; ``keys`` is the folder of key files."""
    desk = _Desk(floor, keys)
    routes = [
        Route("/token", _served(desk.token), methods=["POST"]),
        Route("/introspect", _served(desk.introspect), methods=["POST"]),
        Route("/revoke", _served(desk.revoke), methods=["POST"]),
        Route("/jwks", _served(desk.jwks), methods=["GET"]),
    ]
    return SharedWith(Starlette(routes=routes), floor.apps.registry.origins)


def _served(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        body = await request.body() if request.method == "POST" else b""
        return await run_in_threadpool(_guarded, handler, request, body)

    return serve


def _guarded(handler: Handler, request: Request, body: bytes) -> Response:
    try:
        return handler(request, _form(request, body))
    except CountersignError as problem:
        said = {"error": oauth_code(problem), "error_description": problem.sentence()}
        return JSONResponse(said, oauth_status(problem))


def _form(request: Request, body: bytes) -> Form:
    """The fields of a form; those that came twice are left out (RFC 6749, 3.2)."""
    if request.method != "POST":
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM or len(body) > MOST_BYTES:
        raise OAuthError(reason=f"send a form as {FORM}")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise OAuthError(reason="the form cannot be read") from None
    return single(pairs)


class _Desk:
    def __init__(self, floor: Floor, keys: Path) -> None:
        self._apps = floor.apps
        self._clock = floor.clock
        self._assertions = Assertions(floor.apps, KeySets(floor.egress, floor.clock), floor.clock)
        self._signing = SigningKey(keys)

    def token(self, request: Request, form: Form) -> Response:
        """The token endpoint (RFC 6749, 3.2)."""
        app = self._client(request, form)
        grants: dict[str, Callable[[App, Form], Granted]] = {
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            "client_credentials": self._service,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            raise UnsupportedGrant
        return JSONResponse(self._said(request, app, grant(app, form)))

    def introspect(self, request: Request, form: Form) -> Response:
        """What is known of a token (RFC 7662), to its own app or to who was given the right."""
        asking = self._asking(request, form)
        state = self._apps.tokens.state(form.get("token", ""))
        if state is None or (state.app != asking.id and not asking.introspects):
            return JSONResponse({"active": False})
        return JSONResponse(_known(issuer_of(request), state))

    def revoke(self, request: Request, form: Form) -> Response:
        """Ends a token and everything of its grant (RFC 7009)."""
        app = self._client(request, form)
        self._apps.tokens.revoke(app, form.get("token", ""))
        return Response(status_code=200)

    def jwks(self, request: Request, form: Form) -> Response:
        """The keys by which ID tokens are verified."""
        return JSONResponse(self._signing.public())

    def _client(self, request: Request, form: Form) -> App:
        """Who calls: proven by an assertion, or a public app by its name (and PKCE later)."""
        if request.headers.get("authorization") or "client_secret" in form:
            raise NotThisClient(reason="shared secrets are not used here; sign an assertion")
        if "client_assertion" in form or "client_assertion_type" in form:
            if form.get("client_assertion_type") != TYPE:
                raise NotThisClient(reason=f"client_assertion_type must be {TYPE}")
            audience = smart_addresses(root_of(request)).token
            app = self._assertions.prove(form.get("client_assertion", ""), audience)
            if form.get("client_id", app.id) != app.id:
                raise NotThisClient(reason="client_id is not the one that signed")
            return app
        name = form.get("client_id")
        if name is None and form.get("grant_type") == "refresh_token":
            name = self._apps.tokens.app_of(form.get("refresh_token", ""))
            if name is None:
                raise BadGrant
        app = self._apps.registry.find(name or "")
        if app.kind is not AppKind.PUBLIC:
            raise NotThisClient(reason="it must sign an assertion")
        return app

    def _asking(self, request: Request, form: Form) -> App:
        """Who asks about a token: by an assertion, or by an access token of its own."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if "client_assertion" in form or scheme.lower() != "bearer":
            app = self._client(request, form)
            if app.kind is AppKind.PUBLIC:
                raise NotThisClient(reason="send an access token of its own")
            return app
        state = self._apps.tokens.state(token.strip())
        if state is None or state.kind != "access":
            raise NotThisClient(reason="its access token does not hold")
        return self._apps.registry.find(state.app)

    def _code(self, app: App, form: Form) -> Granted:
        code, verifier = form.get("code", ""), form.get("code_verifier", "")
        if app.kind is AppKind.BACKEND:
            raise NotForThisApp
        if not code or not VERIFIER.fullmatch(verifier):
            raise OAuthError(reason="code and code_verifier are required")
        return self._apps.grants.redeem(app, code, form.get("redirect_uri", ""), verifier)

    def _refresh(self, app: App, form: Form) -> Granted:
        if app.kind is AppKind.BACKEND:
            raise NotForThisApp
        return self._apps.grants.refresh(app, form.get("refresh_token", ""), form.get("scope"))

    def _service(self, app: App, form: Form) -> Granted:
        if app.kind is not AppKind.BACKEND:
            raise NotForThisApp
        asked = read_scopes(form.get("scope", ""))
        granted = asked.within(app.scopes)
        if asked.of("patient", "user") or not granted.rights:
            raise NoScope
        return self._apps.grants.service(app, granted)

    def _said(self, request: Request, app: App, granted: Granted) -> JSON:
        said: JSON = {
            "access_token": granted.access,
            "token_type": "Bearer",
            "expires_in": granted.seconds,
            "scope": str(granted.scopes),
        }
        if granted.refresh is not None:
            said["refresh_token"] = granted.refresh
        if granted.patient is not None:
            said |= {"patient": granted.patient, "need_patient_banner": True}
        if granted.person is not None and "openid" in granted.scopes.context:
            said["id_token"] = self._id_token(issuer_of(request), app, granted)
        return said

    def _id_token(self, issuer: str, app: App, granted: Granted) -> str:
        now = int(self._clock().timestamp())
        claims: JSON = {
            "iss": issuer,
            "sub": granted.person,
            "aud": app.id,
            "iat": now,
            "exp": now + granted.seconds,
        }
        if granted.nonce is not None:
            claims["nonce"] = granted.nonce
        if granted.scopes.context & {"fhirUser", "profile"}:
            claims["fhirUser"] = f"{issuer}/{granted.fhir_user}"
        return self._signing.sign(claims)


def _known(issuer: str, state: TokenState) -> JSON:
    said: JSON = {
        "active": True,
        "iss": issuer,
        "client_id": state.app,
        "sub": state.person or state.app,
        "scope": " ".join(state.scopes),
        "token_type": "Bearer" if state.kind == "access" else "refresh_token",
        "iat": int(state.issued_at.timestamp()),
        "exp": int(state.expires_at.timestamp()),
    }
    if state.patient is not None:
        said["patient"] = state.patient
    if state.person is not None and "fhirUser" in state.scopes:
        said["fhirUser"] = f"{issuer}/{fhir_user(state.principal)}"
    return said
