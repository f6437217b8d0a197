"""The ciphers that a row may be sealed with; each row says which."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Unreadable

KEY = 32
"""Bytes of every data key."""

NONCE = 12
"""Bytes of the nonce: 96 bits, NIST SP 800-38D section 8.2."""


class Suite(IntEnum):
    """Numbers that are stored; a number never changes its meaning."""

    AES_256_GCM = 1


class Cipher(Protocol):
    """Authenticated encryption under one key; safe to use from many threads."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


def cipher(suite: int, key: bytes) -> Cipher:
    """The cipher of a suite under ``key`` (32 bytes). Raises Unreadable for an unknown suite."""
    if suite == Suite.AES_256_GCM and len(key) == KEY:
        return AESGCM(key)
    raise Unreadable
