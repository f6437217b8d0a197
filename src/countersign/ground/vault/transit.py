"""Wrapping keys in an OpenBao or Vault server, through its transit engine."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, MalformedJSON, decode, encode

from .errors import KeysUnavailable, Unreadable

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
CIPHERTEXT = re.compile(r"vault:v([1-9]\d{0,8}):[A-Za-z0-9+/=]+")
INDEX = b64encode(b"countersign search index 1").decode()
"""What the index key is the keyed hash of; it never changes."""

MANY = 500
"""Keys in one request."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the server answered."""

    status: int
    content: bytes = field(repr=False)


class Ask(Protocol):
    """Sends one request; the roof passes in the house's only network client."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> Asked: ...


class TransitProvider:
    """Keys ``NAME`` (aes256-gcm96) and ``NAME-index`` of the transit engine at ``address``.

    ``address`` ends with the engine's place, such as ``https://bao.hospital.internal/v1/transit``.
    Neither key leaves the server. The index key is the server's keyed hash of a constant under
    the first version of ``NAME-index``; never rotate that key. Raises KeysUnavailable whenever
    the server does not answer as documented; no answer is ever shown.
    """

    def __init__(self, ask: Ask, address: str, name: str, token: str) -> None:
        self._ask = ask
        self._address = address.rstrip("/")
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
        self._name = name
        if not NAME.fullmatch(name):
            raise self._trouble("the key's name has other signs than letters, digits and _.-")
        self._current = 0
        self._index = b""

    def make_first(self) -> None:
        """Makes both keys where they are missing; for a database that has no keys yet."""
        for name, kind in ((self._name, "aes256-gcm96"), (f"{self._name}-index", "hmac")):
            size = {"key_size": 32} if kind == "hmac" else {}
            self._request("POST", f"keys/{name}", {"type": kind, **size})

    def current_version(self) -> int:
        if not self._current:
            self.refresh()
        return self._current

    def refresh(self) -> None:
        self._current = self._version(self._request("GET", f"keys/{self._name}"))

    def add_version(self) -> int:
        self._request("POST", f"keys/{self._name}/rotate", {})
        self.refresh()
        return self._current

    def wrap(self, version: int, key: bytes) -> bytes:
        return self.wrap_all(version, [key])[0]

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        key = self.unwrap_all([(version, wrapped)])[0]
        if key is None:
            raise Unreadable
        return key

    def wrap_all(self, version: int, keys: Sequence[bytes]) -> list[bytes]:
        given = [{"plaintext": b64encode(key).decode(), "key_version": version} for key in keys]
        wrapped: list[bytes] = []
        for one in self._batch("encrypt", given):
            text = one.get("ciphertext")
            found = CIPHERTEXT.fullmatch(text) if isinstance(text, str) else None
            if found is None or int(found[1]) != version:
                raise self._trouble("it did not wrap a key with the version asked for")
            wrapped.append(str(text).encode())
        return wrapped

    def unwrap_all(self, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        keys: list[bytes | None] = [None] * len(wrapped)
        good = [n for n, (version, box) in enumerate(wrapped) if _of(box) == version]
        given = [{"ciphertext": wrapped[n][1].decode()} for n in good]
        for number, one in zip(good, self._batch("decrypt", given), strict=True):
            keys[number] = _plain(one.get("plaintext"))
        return keys

    def index_key(self) -> bytes:
        if not self._index:
            said = {"input": INDEX, "key_version": 1}
            answer = self._request("POST", f"hmac/{self._name}-index/sha2-256", said)
            text = str(answer.get("hmac", ""))
            key = _plain(text.removeprefix("vault:v1:")) if text.startswith("vault:v1:") else None
            if key is None or len(key) != 32:
                raise self._trouble("it did not hash with the first version of the index key")
            self._index = key
        return self._index

    def describe(self) -> str:
        return f"transit key “{self._name}” at {self._address}, version {self.current_version()}"

    def _batch(self, verb: str, items: Sequence[JSON]) -> list[dict[str, Any]]:
        """One answer for each item; an item that failed answers without what was asked for."""
        found: list[dict[str, Any]] = []
        for first in range(0, len(items), MANY):
            some = list(items[first : first + MANY])
            answer = self._request(
                "POST", f"{verb}/{self._name}", {"batch_input": some}, partly=True
            )
            results = answer.get("batch_results")
            if not isinstance(results, list):
                raise self._trouble("it did not answer every item")
            rows = cast("list[object]", results)
            if len(rows) != len(some) or not all(isinstance(row, dict) for row in rows):
                raise self._trouble("it did not answer every item")
            found += cast("list[dict[str, Any]]", rows)
        return found

    def _version(self, said: dict[str, Any]) -> int:
        version = said.get("latest_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise self._trouble("it does not say which version is the newest")
        return version

    def _request(
        self, method: str, path: str, said: JSON | None = None, *, partly: bool = False
    ) -> dict[str, Any]:
        content = b"" if said is None else encode(said)
        try:
            answer = self._ask(method, f"{self._address}/{path}", self._headers, content)
        except CountersignError as problem:
            raise self._trouble(problem.code) from None
        # A batch of which some items failed answers 400 and still carries every item.
        if answer.status not in (200, 204) and not (partly and answer.status == 400):
            raise self._trouble(f"status {answer.status}")
        if not answer.content:
            return {}
        try:
            body = cast("object", decode(answer.content))
        except (MalformedJSON, TypeError, ValueError):
            raise self._trouble("its answer is no JSON") from None
        said_back = cast("dict[str, object]", body) if isinstance(body, dict) else {}
        data = said_back.get("data")
        if not isinstance(data, dict):
            raise self._trouble("its answer holds no data")
        return cast("dict[str, Any]", data)

    def _trouble(self, problem: str) -> KeysUnavailable:
        return KeysUnavailable(where=self._address, problem=problem)


def _of(wrapped: bytes) -> int:
    """The version that a ciphertext names, 0 for what is none."""
    found = CIPHERTEXT.fullmatch(wrapped.decode("ascii", "replace"))
    return int(found[1]) if found else 0


def _plain(text: object) -> bytes | None:
    try:
        return b64decode(text, validate=True) if isinstance(text, str) and text else None
    except ValueError:
        return None
