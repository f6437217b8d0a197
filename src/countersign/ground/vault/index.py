"""Hashes values under a key, so that rows can be searched without being readable."""

from __future__ import annotations

import hashlib

FIELDS = 1024
"""So many fields keep their half-made hash."""


class BlindIndex:
    """HMAC-SHA-256 (RFC 2104) with pads and field hashed once, which halves a token's time."""

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        nameless = self._inner.copy()
        nameless.update(b"0\0")
        self._begun = {"": nameless}

    def number(self, field: str, value: str) -> int:
        """The first 64 bits as a signed integer; the field's length separates it from the value."""
        inner = (self._begun.get(field) or self._begin(field)).copy()
        inner.update(value.encode("utf-8", "surrogatepass"))
        outer = self._outer.copy()
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)

    def _begin(self, field: str):
        begun = self._inner.copy()
        begun.update(f"{len(field)}\0{field}".encode("utf-8", "surrogatepass"))
        if len(self._begun) < FIELDS:
            self._begun[field] = begun
        return begun
