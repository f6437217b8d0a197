"""The public keys of another system: as they were registered, or fetched from its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from countersign.ground.egress import Egress
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode

from .errors import BadKeys, KeysUnreached

ALGORITHMS = ("RS384", "ES384")
"""What SMART Backend Services demands of a server; nothing else is accepted."""

LEAST_BITS = 2048
MOST_BYTES, MOST_KEYS = 64 * 1024, 20
KEPT, AGAIN = timedelta(minutes=5), timedelta(seconds=30)
"""How long fetched keys are used, and how soon an unknown key makes them be fetched again."""

_PARTS = {
    "RSA": ("kty", "n", "e", "kid", "use", "alg", "key_ops"),
    "EC": ("kty", "crv", "x", "y", "kid", "use", "alg", "key_ops"),
}
Key = RSAKey | ECKey


def public_keys(text: str | bytes) -> KeySet:
    """The keys of a JWK set that can verify an assertion. Raises BadKeys when there is none,
    and when one of them is private or secret: it is known to others now.
    """
    try:
        said = decode(text)
    except CountersignError:
        raise BadKeys from None
    given: Any = cast("dict[str, Any]", said).get("keys") if isinstance(said, dict) else None
    if not isinstance(given, list) or len(cast("list[Any]", given)) > MOST_KEYS:
        raise BadKeys
    found: list[Any] = []
    for one in cast("list[Any]", given):
        if not isinstance(one, dict) or "d" in one or "k" in one:
            raise BadKeys
        key = _usable(cast("dict[str, Any]", one))
        if key is not None:
            found.append(key)
    if not found:
        raise BadKeys
    return KeySet(found)


def _usable(given: dict[str, Any]) -> Key | None:
    """The key, or None for one of another kind or for another use."""
    kind = given.get("kty")
    if kind not in _PARTS or given.get("use", "sig") != "sig":
        return None
    if given.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
        return None
    plain = {name: given[name] for name in _PARTS[kind] if name in given}
    try:
        if kind == "EC":
            return ECKey.import_key(plain) if given.get("crv") == "P-384" else None
        key = RSAKey.import_key(plain)
        return key if key.public_key.key_size >= LEAST_BITS else None
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: KeySet
    at: datetime


class KeySets:
    """Gives the keys of a system. Safe to share among threads; one for each process."""

    def __init__(self, egress: Egress, clock: Clock) -> None:
        self._egress = egress
        self._clock = clock
        self._lock = Lock()
        self._fetched: dict[str, _Fetched] = {}

    def find(self, jwks: str | None, jwks_url: str | None, key_id: str | None) -> KeySet:
        """The registered keys, or those behind the registered address; these are fetched
        again when ``key_id`` is not among them. Raises BadKeys, KeysUnreached.
        """
        if jwks is not None:
            return public_keys(jwks)
        if jwks_url is None:
            raise BadKeys
        return self._at(jwks_url, lambda keys: any(one.kid == key_id for one in keys.keys))

    def _at(self, url: str, known: Callable[[KeySet], bool]) -> KeySet:
        now = self._clock()
        with self._lock:
            kept = self._fetched.get(url)
        if kept is not None:
            age = now - kept.at
            if age < AGAIN or (age < KEPT and known(kept.keys)):
                return kept.keys
        keys = self._fetch(url)
        with self._lock:
            self._fetched[url] = _Fetched(keys, now)
        return keys

    def _fetch(self, url: str) -> KeySet:
        try:
            answer = self._egress.request(
                "GET", url, headers={"accept": "application/json"}, timeout=5, largest=MOST_BYTES
            )
        except CountersignError as problem:
            raise KeysUnreached from problem
        if answer.status != 200:
            raise KeysUnreached
        return public_keys(answer.content)
