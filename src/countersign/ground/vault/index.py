"""Hashes values under a key, so that rows can be searched without being readable."""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SM3, Hash

from .suites import Suite

FIELDS = 1024
"""So many fields keep their half-made hash."""


class Digest(Protocol):
    """A hash that is being made, as in hashlib."""

    def copy(self) -> Digest: ...

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class SM3Digest:
    """SM3 (GB/T 32905): 32 bytes, with blocks of 64 bytes like SHA-256."""

    def __init__(self, data: bytes = b"", begun: Hash | None = None) -> None:
        self._hash = begun or Hash(SM3())
        if data:
            self._hash.update(data)

    def copy(self) -> SM3Digest:
        """Another one that has read the same."""
        return SM3Digest(begun=self._hash.copy())

    def update(self, data: bytes, /) -> None:
        """Reads on."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """The hash of all that was read; more may follow."""
        return self._hash.copy().finalize()


def begin(suite: Suite, data: bytes = b"") -> Digest:
    """The hash that goes with a suite: SM3 with SM4, SHA-256 otherwise."""
    return SM3Digest(data) if suite is Suite.SM4_GCM else hashlib.sha256(data)


class BlindIndex:
    """HMAC (RFC 2104) with pads and field hashed once, which halves a token's time.

    ``suite`` decides the hash: HMAC-SM3 for SM4, HMAC-SHA-256 otherwise; ``key`` has at
    most 64 bytes.
    """

    def __init__(self, key: bytes, suite: Suite = Suite.AES_256_GCM) -> None:
        block = key.ljust(64, b"\0")
        self._inner = begin(suite, bytes(byte ^ 0x36 for byte in block))
        self._outer = begin(suite, bytes(byte ^ 0x5C for byte in block))
        nameless = self._inner.copy()
        nameless.update(b"0\0")
        self._begun: dict[str, Digest] = {"": nameless}

    def number(self, field: str, value: str) -> int:
        """The first 64 bits as a signed integer; the field's length separates it from the value."""
        inner = (self._begun.get(field) or self._begin(field)).copy()
        inner.update(value.encode("utf-8", "surrogatepass"))
        outer = self._outer.copy()
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)

    def _begin(self, field: str) -> Digest:
        begun = self._inner.copy()
        begun.update(f"{len(field)}\0{field}".encode("utf-8", "surrogatepass"))
        if len(self._begun) < FIELDS:
            self._begun[field] = begun
        return begun


def keyed(suite: Suite, key: bytes, message: bytes) -> bytes:
    """HMAC of a whole message, 32 bytes; ``key`` has at most 64."""
    block = key.ljust(64, b"\0")
    inner = begin(suite, bytes(byte ^ 0x36 for byte in block) + message)
    return begin(suite, bytes(byte ^ 0x5C for byte in block) + inner.digest()).digest()
