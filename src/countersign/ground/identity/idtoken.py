"""Judges an ID token: who signed it, for whom, for which sign-in, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import extract_compact

from .errors import TokenRefused

SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""

OLDEST = timedelta(minutes=10)
"""How long ago a token may have been issued: the code is exchanged at once."""

LONGEST = 16 * 1024
MOST_KEYS = 100

KINDS: Mapping[str, type[RSAKey] | type[ECKey]] = {"RS256": RSAKey, "ES256": ECKey}
"""The algorithms that are taken, each with the only kind of key that fits it. With a secret key
there is none, so that a public key can never be used as one (RFC 8725, 2.1 and 3.1)."""

UNTRUSTED = frozenset({"crit", "jwk", "jku", "x5u", "x5c", "b64", "zip"})
SHORTEST_RSA = 2048
"""Bits of a modulus (NIST SP 800-131A revision 2)."""

Key = RSAKey | ECKey
ANY_KIND: frozenset[object] = frozenset()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token that was accepted says. ``authenticated_at`` is None where it says nothing."""

    subject: str
    issued_at: datetime
    authenticated_at: datetime | None
    label: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: its issuer, its audience, and the nonce of this sign-in."""

    issuer: str
    client: str
    nonce: str


def keys_of(document: Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys for signatures of a JWK set; others are left out. Raises TokenRefused."""
    given: Any = document.get("keys")
    if not isinstance(given, list) or len(cast("list[Any]", given)) > MOST_KEYS:
        raise TokenRefused(reason="keys")
    found: list[Key] = []
    for entry in cast("list[Any]", given):
        one = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        if one.get("use", "sig") != "sig" or "d" in one:
            continue
        kind = {"RSA": RSAKey, "EC": ECKey}.get(str(one.get("kty")))
        if kind is RSAKey and len(str(one.get("n"))) * 6 < SHORTEST_RSA:
            continue
        try:
            if kind is not None:
                found.append(kind.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return tuple(found)


def key_id(token: str) -> str | None:
    """Which key a token names, before anything of it is believed. Raises TokenRefused."""
    return _kid(_header(token))


def judged(token: str, keys: Sequence[Key], expected: Expected, now: datetime) -> Claims:
    """What the token says, once all of it was checked. Raises TokenRefused."""
    said = signed(token, keys)
    check_party(said, expected.issuer, expected.client)
    if said.get("nonce") != expected.nonce:
        raise TokenRefused(reason="nonce")
    if not named(said.get("sub")):
        raise TokenRefused(reason="subject")
    issued = timely(said, now)
    authenticated = said.get("auth_time")
    return Claims(
        subject=said["sub"],
        issued_at=issued,
        authenticated_at=None if authenticated is None else _moment(authenticated, now),
        label=_label(said),
    )


def signed(token: str, keys: Sequence[Key], kinds: Set[object] = ANY_KIND) -> Mapping[str, Any]:
    """The claims of a token that one of ``keys`` signed, nothing of them believed yet.

    ``kinds`` are the values of its header ``typ`` that are taken. Raises TokenRefused.
    """
    header = _header(token)
    kind = KINDS.get(str(header.get("alg")))
    if kind is None:
        raise TokenRefused(reason="algorithm")
    if kinds and header.get("typ") not in kinds:
        raise TokenRefused(reason="type")
    fitting = [key for key in keys if isinstance(key, kind) and _bears(key, header)]
    if len(fitting) != 1:
        raise TokenRefused(reason="key")
    try:
        return jwt.decode(token, fitting[0], algorithms=[str(header["alg"])]).claims
    except (JoseError, ValueError, TypeError, KeyError) as problem:
        raise TokenRefused(reason="signature") from problem


def check_party(said: Mapping[str, Any], issuer: str, client: str) -> None:
    """Of whom and for whom a token is. Raises TokenRefused."""
    if said.get("iss") != issuer:
        raise TokenRefused(reason="issuer")
    # Other audiences could use the token as theirs; none of them is trusted (Core 3.1.3.7, 3).
    if said.get("aud") not in (client, [client]):
        raise TokenRefused(reason="audience")
    if said.get("azp", client) != client:
        raise TokenRefused(reason="audience")


def named(value: object) -> bool:
    """Whether a claim is a name such as ``sub`` and ``sid`` may be."""
    return isinstance(value, str) and 0 < len(value) <= 255


def timely(said: Mapping[str, Any], now: datetime) -> datetime:
    """When a token was issued, not too long ago; it has not ended. Raises TokenRefused."""
    issued = _moment(said.get("iat"), now)
    if _moment(said.get("exp"), now) <= now - SKEW:
        raise TokenRefused(reason="expired")
    if not now - OLDEST <= issued <= now + SKEW:
        raise TokenRefused(reason="time")
    if "nbf" in said and _moment(said["nbf"], now) > now + SKEW:
        raise TokenRefused(reason="time")
    return issued


def _label(said: Mapping[str, Any]) -> str:
    """By what an administrator may recognise the person."""
    for name in ("preferred_username", "name", "email", "sub"):
        value = said.get(name)
        if isinstance(value, str) and value.strip():
            return "".join(sign for sign in value.strip() if sign.isprintable())[:100]
    return ""


def _moment(value: object, now: datetime) -> datetime:
    """Seconds since 1970 (RFC 7519, NumericDate). Raises TokenRefused."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(reason="time")
    try:
        return datetime.fromtimestamp(value, tz=now.tzinfo)
    except (OverflowError, OSError, ValueError) as problem:
        raise TokenRefused(reason="time") from problem


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
        raise TokenRefused(reason="form")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError) as problem:
        raise TokenRefused(reason="form") from problem
    # Nothing that the token itself brings decides by which key or rule it is judged.
    if UNTRUSTED & header.keys():
        raise TokenRefused(reason="header")
    return header


def _kid(header: Mapping[str, Any]) -> str | None:
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def _bears(key: Key, header: Mapping[str, Any]) -> bool:
    """Whether the key is the one that the header names; an unnamed key must be the only one."""
    named = _kid(header)
    alg = key.alg or header["alg"]
    return alg == header["alg"] and (named is None or key.kid == named)
