"""Checks the signed assertion by which an app proves who it is (RFC 7523, SMART Backend)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError

from countersign.ground.identity import App, AppKind, Apps, AssertionUsed, NoSuchApp, jwts
from countersign.kit.clock import Clock

from .errors import BadKeys, NotThisClient
from .keysets import ALGORITHMS, KeySets

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE, LEEWAY = jwts.LIFE, jwts.LEEWAY


class Assertions:
    """Finds out which app signed an assertion, once for each assertion."""

    def __init__(self, apps: Apps, keys: KeySets, clock: Clock) -> None:
        self._apps = apps
        self._keys = keys
        self._clock = clock

    def prove(self, assertion: str, audience: str) -> App:
        """The app that signed for ``audience``, the address of the token endpoint. Raises
        NotThisClient, AssertionUsed; whatever a known app's name was used for is recorded.
        """
        parts = jwts.peek(assertion)
        if parts is None:
            raise NotThisClient(reason="the assertion is no signed JWT")
        header, named = parts
        app = self._named(named)
        try:
            claims = self._verified(app, assertion, header)
            expires = check_claims(claims, app.id, audience, self._clock())
            self._apps.grants.used(app, str(claims["jti"]), expires + LEEWAY)
        except (NotThisClient, AssertionUsed, BadKeys) as problem:
            reason = str(problem.details.get("reason", problem.code))
            self._apps.grants.refused(app, reason)
            raise
        return app

    def _named(self, claims: Mapping[str, Any]) -> App:
        name = claims.get("sub")
        try:
            app = self._apps.registry.find(name) if isinstance(name, str) else None
        except NoSuchApp:
            app = None
        if app is None or app.kind is AppKind.PUBLIC:
            raise NotThisClient(reason="no app of this name has registered a key")
        return app

    def _verified(self, app: App, assertion: str, header: Mapping[str, Any]) -> Mapping[str, Any]:
        if header.get("alg") not in ALGORITHMS:
            raise NotThisClient(reason=f"sign with {' or '.join(ALGORITHMS)}")
        key_id = header.get("kid")
        keys = self._keys.of(app, key_id if isinstance(key_id, str) else None)
        try:
            return jwt.decode(assertion, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError):
            raise NotThisClient(reason="the signature does not verify") from None


def check_claims(claims: Mapping[str, Any], app: str, audience: str, now: datetime) -> datetime:
    """When the assertion ends. Raises NotThisClient with what is wrong with its claims."""
    if claims.get("iss") != app or claims.get("sub") != app:
        raise NotThisClient(reason="iss and sub must both be the app's identifier")
    said = claims.get("aud")
    if audience not in (cast("list[object]", said) if isinstance(said, list) else [said]):
        raise NotThisClient(reason="aud must be the address of the token endpoint")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 256:
        raise NotThisClient(reason="jti must be a text of 1 to 256 signs")
    expires = jwts.ends(claims, now)
    if expires is None:
        raise NotThisClient(reason="exp must lie ahead, by five minutes at most")
    for name in ("iat", "nbf"):
        if name in claims:
            moment = jwts.moment(claims[name])
            if moment is None or moment > now + LEEWAY:
                raise NotThisClient(reason=f"{name} lies ahead")
    return expires
